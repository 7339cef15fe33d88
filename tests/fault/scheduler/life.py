"""The life of some cases from the snapshot to the closed payment, in which every standing job has something to do.

People's steps are commands that they type; everything else is left to the schedulers that are running.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.payment_channels.rehearsal_files import REJECTED, status_report
from policy_match.ports.requested_work import WorkKind
from policy_match.services.ask_for_work import ask_for_step
from policy_match.storage.unit_of_work import Database
from tests.functional.region import MAPPING, SETTINGS, Region
from tests.support.cases import uscc
from tests.support.payment_flow import rows

FIRMS = (1, 2, 3)
SILENT = 3
"""The firm that never answers."""

OUTSIDER = {"uscc": "91370000MB00000000", "企业名称": "局外有限公司", "参保人数": 0, "缴费": 0, "留存": 0}
PAYMENTS = SETTINGS.replace("[settings]", 'inbox = "inbox"\n[settings]')
NOTICES = """
order = ["letter"]
[[provider]]
name = "print-shop"
channel = "letter"
connector = "letter_file"
[provider.settings]
folder = "letters"
sender = "虚构市政务服务局"
"""


@dataclass(frozen=True, kw_only=True)
class Step:
    """A moment to which the clock is moved, and the job that then falls due and is to be killed."""

    at: str
    job: str = ""


def write_settings(region: Region) -> tuple[Path, Path]:
    """Write the settings of payments and of notices, and return their files."""
    notices = region.folder / "notices.toml"
    payments = region.write_payment_settings(PAYMENTS)
    notices.write_text(NOTICES, encoding="utf-8")
    return payments, notices


def prepare(region: Region) -> None:
    """Give the rules, a snapshot that nobody swept, the budget, the roles, the accounts and the addresses."""
    region.write_rules("direct", "confirm", "relief")
    table = region.write_table("firms.csv", [*(region.row(number) for number in FIRMS), OUTSIDER])
    mapping = region.folder / "firms.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    region("import", "--source", f"{mapping}={table}", "--rules", region.folder / "rules", "--as-of", "2025-06-30")
    region.fund("jobs", 100_000)
    region.grant_roles()
    region.state_accounts(*FIRMS)
    addresses = [
        {"recipient": uscc(number), "channel": "letter", "address": f"虚构市示例区样例路{number}号"} for number in FIRMS
    ]
    contacts = region.write_table("contacts.csv", addresses)
    taken = region.json("notices", "import-contacts", contacts, "--source", "tax", "--by", "clerk")
    assert taken["kept"] == len(FIRMS)


def live(region: Region) -> Iterator[Step]:
    """Yield each moment, and between them do what people do."""
    yield Step(at="2025-07-02T05:31", job="sweep")
    yield Step(at="2025-07-02T08:00", job="notify")
    yield Step(at="2025-07-02T08:10", job="remind")
    yield Step(at="2025-07-02T08:15", job="check-dates")
    for (policy, firm), case in region.cases(status="notified").items():
        if policy == "confirm" and firm != uscc(SILENT):
            region("cases", "confirm", case["case"], "--by", f"firm:{firm}")
    yield Step(at="2025-07-03T00:02", job="supervise")
    yield Step(at="2025-07-03T06:30", job="recheck-approval")
    yield Step(at="2025-07-03T07:00", job="share-budgets")
    yield Step(at="2025-07-03T07:30", job="report")
    for policy in ("direct", "confirm"):
        region.approve(policy)
    yield Step(at="2025-07-03T08:20", job="publish")
    yield Step(at="2025-07-03T08:23")
    object_and_answer(region)
    yield Step(at="2025-07-03T08:25", job="prepare-notices")
    yield Step(at="2025-07-03T08:26", job="send-notices")
    yield Step(at="2025-07-03T08:29", job="fetch-receipts")
    yield Step(at="2025-07-03T08:30", job="recheck-payment")
    yield Step(at="2025-07-03T08:38", job="repair-notices")
    yield Step(at="2025-07-03T09:00", job="order-payments")
    yield Step(at="2025-07-03T09:10", job="order-again")
    yield Step(at="2025-07-03T09:30", job="send-payments")
    yield Step(at="2025-07-03T09:45", job="lose-replies")
    answer(region)
    yield Step(at="2025-07-03T09:55", job="take-bank-files")
    yield Step(at="2025-07-03T18:00", job="reconcile")
    yield Step(at="2025-07-10T00:10", job="close-windows")
    yield Step(at="2025-07-11T09:40")
    answer(region)
    yield Step(at="2025-07-11T18:10")
    ask(region)
    yield Step(at="2025-07-11T18:30", job="requested-work")
    yield Step(at="2025-07-11T18:31", job="send-webhooks")
    yield Step(at="2025-07-12T03:30", job="forget-answers")


def ask(region: Region) -> None:
    """Ask for work, as over the web: firms whose turn it is are to be notified."""
    with Database(region.database_url) as database:
        ask_for_step(database, region.clock, WorkKind.NOTIFY, None, by="clerk")


def object_and_answer(region: Region) -> None:
    """Object to a case on display, and dismiss it: two notices to its firm, which no job has made."""
    case = region.cases(status="published")["confirm", uscc(1)]["case"]
    lodged = region.json("objections", "lodge", case, "--ground", "该企业已停产", "--by", "invented.citizen")
    region("objections", "answer", lodged["objection"], "dismiss", "--reason", "经核实", "--by", "sun.li")


def answer(region: Region) -> None:
    """Let the bank book what it received, and say of what it was asked about that it never came, into the inbox."""
    (region.folder / "inbox").mkdir(exist_ok=True)
    (region.folder / "answered").mkdir(exist_ok=True)
    arrived = region.received() if (region.folder / "outbox").exists() else []
    movements = []
    for batch in arrived:
        if _first_time(region, batch.message_id):
            movements += [region.booking(payment) for payment in batch.payments]
    files = [region.statement(*movements)]
    known = {batch.message_id for batch in arrived}
    for row in rows(region.database_url, "SELECT message_id FROM payment_batch"):
        if row["message_id"] not in known and _first_time(region, row["message_id"]):
            # For want of money, which passes by itself: the same account may be paid again.
            report = status_report("INQ", region.clock.now(), row["message_id"], (), group=REJECTED)
            reason = b"</GrpSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>"
            files.append(region.bank_file(report.replace(b"</GrpSts>", reason)))
    for file in files:
        file.rename(region.folder / "inbox" / file.name)


def _first_time(region: Region, message_id: str) -> bool:
    """Return whether the bank has not answered this batch before; it has now."""
    mark = region.folder / "answered" / message_id
    if mark.exists():
        return False
    mark.touch()
    return True


def wrong_runs(url: str) -> list[str]:
    """Return which occurrences did not end in exactly one finish, or covered by a run that did."""
    found = rows(
        url,
        "SELECT r.run_id, r.job, s.status::text, s.tries,"
        "       count(*) FILTER (WHERE e.event = 'finish') AS finishes,"
        "       count(*) FILTER (WHERE e.event = 'start') AS starts,"
        "       count(*) FILTER (WHERE e.event = 'cover') AS covers,"
        "       max(c.status::text) FILTER (WHERE e.event = 'cover') AS by_what"
        "  FROM job_run AS r JOIN job_run_state AS s USING (run_id) LEFT JOIN job_run_event AS e USING (run_id)"
        "  LEFT JOIN job_run_state AS c ON c.run_id = e.covered_by"
        " GROUP BY 1, 2, 3, 4",
    )
    return [
        str(row)
        for row in found
        if (row["status"], row["finishes"], row["covers"], row["by_what"])
        not in (("done", 1, 0, None), ("covered", 0, 1, "done"))
        or row["starts"] != row["tries"]
    ]


def busy(url: str, at: str) -> list[dict[str, object]]:
    """Return runs that are due or on, or occurrences that are not planned yet."""
    return rows(
        url,
        "SELECT job FROM job_run_state WHERE status = 'running' OR status = 'due' AND due_at <= %s",
        at,
    )
