"""What `make run` shows a newcomer: the whole main job, from the import to the last fen, every firm invented."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from policy_match.cli.demo_texts import BECAME, TEXTS
from policy_match.services.rehearsal.figures import Became
from policy_match.services.rehearsal.stage import Said
from tests.functional.conftest import ROOT, Command
from tests.support.waiting import until
from tests.support.web_server import free_port

FIRMS = 3_000
"""Enough for every policy to find somebody."""

FEW = 1_500
"""Enough for the refund alone to have some hundred cases."""

REFUND = "unemp-stable-post-refund"
KEPT_POLICIES = (REFUND, "six-taxes-two-fees-half")
"""One that pays, one that only informs."""

AMOUNT = re.compile(r"-?[\d,]+\.\d\d")


def fen_in(text: str) -> list[int]:
    """Return every amount in a text."""
    return [int(found.replace(",", "").replace(".", "")) for found in AMOUNT.findall(text)]


def table_after(text: str, title: str) -> list[str]:
    """Return the rows of the last table under a title."""
    lines = text[text.rindex(f"\n{title}") :].splitlines()
    start = next(place for place, line in enumerate(lines) if set(line.strip()) == {"─"})
    rows = lines[start + 1 :]
    return rows[: next(place for place, row in enumerate(rows) if not row.strip())]


def few_rules(folder: Path) -> Path:
    """Copy the rules repository with two of its policies."""
    shutil.copytree(ROOT / "rules", folder)
    for path in folder.glob("[0-9]*/*/*.toml"):
        if path.name.removesuffix(".cases.toml").removesuffix(".toml") not in KEPT_POLICIES:
            path.unlink()
    return folder


@pytest.mark.slow
def test_the_main_job_runs_from_end_to_end_and_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    data = Path(tmp_path_factory.mktemp("demo"))
    environment = {**os.environ, "POLICY_MATCH_DATA_DIR": str(data), "POLICY_MATCH_LANG": "en"}
    environment.pop("POLICY_MATCH_DATABASE_URL", None)

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "policy_match", *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    shown = []
    for _ in range(2):
        ended = command("demo", "--as-of", "2025-12-31", "--firms", str(FIRMS))
        assert ended.returncode == 0, ended.stderr
        assert ended.stderr == ""
        shown.append(ended.stdout)
    first, again = shown
    assert "every firm and figure is invented" in first
    assert "Which missing facts hold back most money" in first
    assert "What to try next:" in first
    assert "kept as sweep" in first
    assert "the same inputs were imported before" in again
    assert "the same facts, rules and day were swept before" in again
    assert "names no budget and no cost shares" in first
    for title in ("Board of 2026-", "Promised and paid, 2026-", "How well the service does: due 2026-01-01"):
        assert title in first
        assert title in again
    lies = data / "rehearsal-post"
    assert (data / "rehearsal-report" / "report.html").stat().st_size > 10_000
    for what in (f"mails, text messages and letters: {lies}", "the report of the year, to publish"):
        assert what in first
    for line in first[first.index("What to try next:") :].splitlines():
        if "policy_match " in line and " rules test" not in line:
            told = command(*line.split("policy_match ")[1].split())
            assert told.returncode == 0, (line, told.stderr)
            assert told.stdout
    port = free_port()
    with portal(port, environment) as people:
        assert {"sample.clerk", "sample.reviewer", "firm.closed", "firm.notified"} <= people.keys()
        for name, home in (
            ("sample.auditor", "/auditor"),
            ("sample.clerk", "/bureau"),
            ("firm.notified", "/enterprise"),
        ):
            assert name in signed_in_page(port, name, people[name], home)


@contextmanager
def portal(port: int, environment: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """Serve the sample portals, give the printed people with their password, and end it as Ctrl-C does."""
    command = [sys.executable, "-m", "policy_match", "run", "sample-portal", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "requests are logged" in line:
                break
        password = re.search(r"the password of all, for this time: (\S+)", said)
        assert password is not None, said
        until(lambda: process.poll() is not None or answers(port), "the portals are ready")
        yield dict.fromkeys(re.findall(r"^ *((?:sample|firm)\.\S+)", said, re.MULTILINE), password[1])
        process.send_signal(signal.SIGINT)
        assert process.wait(90) == 0


def answers(port: int) -> bool:
    """Say whether the web is ready."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/health/ready", timeout=10).ok
    except requests.ConnectionError:
        return False


def signed_in_page(port: int, name: str, password: str, path: str) -> str:
    """Sign in as a browser does, and return a page."""
    address = f"http://127.0.0.1:{port}"
    answer = requests.post(
        f"{address}/api/v1/sign-in",
        json={"name": name, "password": password},
        headers={"Idempotency-Key": name},
        timeout=30,
    )
    assert answer.ok, answer.text
    page = requests.get(address + path, cookies=answer.cookies.get_dict(), timeout=30)
    assert page.status_code == 200, page.text
    return page.text


def test_every_fen_is_found_in_the_printed_figures_and_a_second_run_moves_none(
    command_with_database: Command, tmp_path: Path
) -> None:
    rules = few_rules(tmp_path / "rules")
    run = ("demo", "--as-of", "2025-12-31", "--firms", str(FEW), "--rules", str(rules), "--lang", "en")
    first = command_with_database(*run)
    assert (first.code, first.err) == (0, "")
    again = command_with_database(*run)
    assert (again.code, again.err) == (0, "")
    for text in (first.out, again.out):
        *parts, decided = [fen_in(row)[-1] for row in table_after(text, "Refund of unemployment insurance")]
        assert sum(parts) == decided > 0
        (line,) = table_after(text, "Budget lines (yuan)")
        appropriated, *accounts, difference = fen_in(line)
        assert appropriated == sum(accounts) > 0
        assert difference == 0
        cases, ledger, recovered, no_difference = fen_in(text[text.rindex("\ncases: ") :].splitlines()[1])
        assert cases == ledger + recovered
        assert no_difference == 0
        assert "all three agree" in text
    ends = [
        text[text.index("══ where every fen is") : text.index("══ what is late, what was")]
        for text in (first.out, again.out)
    ]
    assert ends[0] == ends[1]
    story = again.out[again.out.index("══ from the sweep") : again.out.index("══ where every fen is")]
    assert "rehearsed before" in story
    assert "nothing to do, or done before" in story
    moved = "cases notified|payment orders|confirmed|text messages|addresses|at the door|in the portal|turned|is told"
    assert not re.search(rf"\d ({moved})", story)


def test_notices_really_arrive_and_what_nobody_heard_of_is_not_given_up(
    command_with_database: Command, tmp_path: Path
) -> None:
    rules = few_rules(tmp_path / "rules")
    ended = command_with_database(
        "demo", "--as-of", "2025-12-31", "--firms", str(FEW), "--rules", str(rules), "--lang", "en"
    )
    assert (ended.code, ended.err) == (0, "")
    post = Path(next(line for line in ended.out.splitlines() if "mails, text messages" in line).split(": ")[1])
    sent = [
        tuple(int(number.replace(",", "")) for number in found)
        for found in re.findall(r"sent: ([\d,]+) text messages, ([\d,]+) mails, ([\d,]+) letters", ended.out)
    ]
    texts, mails, letters = (sum(column) for column in zip(*sent, strict=True))
    went_on = sum(int(found) for found in re.findall(r"(\d+) of them did not arrive", ended.out))
    assert len(list((post / "mails").iterdir())) == mails > 0
    assert len(list((post / "letters").iterdir())) == letters > 0
    arrived = (post / "texts.jsonl").read_text(encoding="utf-8").splitlines()
    assert texts - went_on <= len(arrived) < texts
    (waiting,) = re.findall(r"the time is over for (\d+) .* and invented\.desk must act", ended.out)
    rows = table_after(ended.out, "Refund of unemployment insurance for keeping jobs")
    (under_way,) = [row.split()[2] for row in rows if "under way" in row]
    assert under_way == waiting


def test_the_story_shows_what_must_be_refused_and_what_went_wrong_at_the_bank(
    command_with_database: Command, tmp_path: Path
) -> None:
    rules = few_rules(tmp_path / "rules")
    ended = command_with_database(
        "demo", "--as-of", "2025-12-31", "--firms", str(FEW), "--rules", str(rules), "--lang", "zh"
    )
    assert (ended.code, ended.err) == (0, "")
    for words in (
        "不得答复事项",  # one firm answers for another
        "的期限已于",  # too late
        "已改由下一渠道发送",
        "由送达员上门送达",
        "提醒",
        "答复期自送达之日起重新计算",
        "不视同放弃，由 invented.desk 处理",
        "通报第 3 级 invented.supervisor.3",
        "蓝黄红榜 2026-",
        "承诺与兑现 2026-",
        "服务成效：2026-01-01",
        "不得再办理",  # one person, two stages
        "排队等待",
        "异议成立",
        "异议不成立",
        "未收到银行回复",
        "结果未知",
        "退回或拒付",
        "重新支付",
        "追回 1 已到账",
        "每一分钱在哪里",
        "三方一致",
    ):
        assert words in ended.out, words
    assert "invented.reviewer.1" in ended.out


def test_everything_that_is_told_has_its_words() -> None:
    assert TEXTS.keys() == set(Said)
    assert BECAME.keys() == set(Became)
