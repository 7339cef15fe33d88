"""`policy-match notices plan`, `send`, `receipts`, `fetch-receipts`: notices on their way out of the portal."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from policy_match.cli.cells import headings, iso, joined, listed, moment
from policy_match.cli.options import screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.errors import InputError
from policy_match.notices.model import DeliveryEvent
from policy_match.notices.receipts import ReceiptVerdict
from policy_match.notices.words import CHANNEL_WORDS, DELIVERY_EVENT_WORDS, NO_WAY_WORDS, VERDICT_WORDS
from policy_match.services.plan_deliveries import Planned, Planner, plan_deliveries
from policy_match.services.send_notices import MOST_MESSAGES, ProviderRun, RunEnd, named_channels, send_notices
from policy_match.services.take_receipts import ReceiptContent, ReceiptsTaken, fetch_receipts, take_receipts

MOST_BYTES = 10_000_000
"""The largest file of receipts that is read."""

END_WORDS: Mapping[RunEnd, tuple[str, str]] = {
    RunEnd.DONE: ("完成", "done"),
    RunEnd.QUIET: ("静默时段", "quiet hours"),
    RunEnd.LIMIT: ("达到上限", "as many as it may"),
    RunEnd.FAULTS: ("服务商连续故障", "the provider fails"),
    RunEnd.DEMOTED: ("服务商降级", "the provider is demoted"),
}

provider_option = click.option("--provider", "provider", metavar="NAME", help="仅此服务商 / this provider only")


class ReceiptFileUnreadable(InputError):
    """A file that somebody named cannot be read, or is no file of receipts by its size."""

    code = "notices.receipt-file"
    english = "{file}: {problem}; name another file"
    chinese = "{file}：{problem_zh}；请另行指定文件"


@click.command()
@screen_options
def plan(screen: Screen) -> None:
    """为待送达的通知选择渠道 / choose a channel for every notice that needs one.

    \b
    The recipient's own order counts, else that of the settings; what is suppressed, or failed before, is left out. For
    what no way is left, a person must act: `notices list --status unreached`. `notices send` does this first.

    \b
      policy-match notices plan
      policy-match notices plan --json
    """
    application = current_session().application
    planner = Planner(application.notification_channels, application.notice_settings.rules)
    with screen.progress("选择渠道", "choosing channels"):
        planned = plan_deliveries(application.database, planner, application.clock)
    if screen.json:
        screen.result(_planned_json(planned))
        return
    _print_planned(screen, planned)
    if not (planned.ways or planned.none_left or planned.moved):
        screen.print("没有需要选择渠道的通知", "no notice needs a channel")


@click.command()
@provider_option
@click.option(
    "--most",
    "most",
    type=click.IntRange(1, MOST_MESSAGES),
    default=MOST_MESSAGES,
    show_default=True,
    help="每个服务商最多发送数 / at most so many messages of each provider",
)
@screen_options
def send(provider: str | None, most: int, screen: Screen) -> None:
    """选择渠道并发送到期的消息 / choose channels, and send what is due.

    \b
    Each message is recorded as being sent before its provider is asked. What is refused for now is tried again later,
    what fails goes another way with the next run, and nothing is sent in quiet hours.

    \b
      policy-match notices send
      policy-match notices send --provider sms-gateway --most 100 --json
    """
    application = current_session().application
    channels, rules = application.notification_channels, application.notice_settings.rules
    named_channels(channels, provider)
    planned = plan_deliveries(application.database, Planner(channels, rules), application.clock)
    with screen.progress("发送通知", "sending notices") as progress:
        runs = send_notices(
            application.database,
            channels,
            application.address_opener,
            rules,
            application.clock,
            provider=provider,
            most=most,
            progress=progress,
        )
    if screen.json:
        screen.result({"planned": _planned_json(planned), "providers": [_run_json(run) for run in runs]})
        return
    _print_planned(screen, planned)
    columns = headings(
        screen,
        ("服务商", "provider", "left"),
        ("交出", "handed over", "right"),
        ("其他", "others", "left"),
        ("结束", "end", "left"),
        ("降级至", "demoted until", "left"),
    )
    rows = [
        [
            run.provider,
            f"{run.events.get(DeliveryEvent.HAND_OVER, 0):,}",
            joined(
                [
                    f"{screen.say(DELIVERY_EVENT_WORDS[event].zh, event)} {count:,}"
                    for event, count in run.events.items()
                    if event is not DeliveryEvent.HAND_OVER
                ]
            ),
            screen.say(*END_WORDS[run.end]),
            moment(None if run.demotion is None else run.demotion.until),
        ]
        for run in runs
    ]
    listed(screen, ("发送", "Sent"), columns, rows)


@click.command()
@click.option("--provider", "provider", metavar="NAME", required=True, help="服务商 / the provider")
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="NAME=VALUE",
    help="随回执收到的请求头，可重复 / a header that came with it; may be repeated",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@screen_options
def receipts(provider: str, headers: tuple[str, ...], file: Path, screen: Screen) -> None:
    """读入服务商的回执文件 / take a file of receipts that a provider sent.

    \b
    A file counts once. What cannot be believed is kept, sealed, and changes nothing (exit code 2).

    \b
      policy-match notices receipts --provider sms-gateway receipt.json
      policy-match notices receipts --provider mail bounce.eml --json
    """
    application = current_session().application
    (channel,) = named_channels(application.notification_channels, provider)
    given = ReceiptContent(content=_content(file), headers=_headers(headers))
    (taken,) = take_receipts(application.database, channel, application.account_sealer, application.clock, [given])
    if screen.json:
        screen.result(_taken_json(taken))
    elif taken.repeated:
        screen.print(f"{file.name}：此前已读入，未作改变", f"{file.name}: taken before, nothing changed")
    else:
        screen.print(
            f"{file.name}:{_verdicts(screen, taken.verdicts)}", f"{file.name}: {_verdicts(screen, taken.verdicts)}"
        )
    if taken.refused is not None:
        screen.error(taken.refused)
        raise click.exceptions.Exit(taken.refused.exit_code)


@click.command("fetch-receipts")
@provider_option
@screen_options
def fetch_command(provider: str | None, screen: Screen) -> None:
    """取回服务商保存的回执 / fetch the receipts that providers keep for us.

    \b
    A provider that does not answer keeps nobody else from being heard (exit code 3); its receipts come next time.

    \b
      policy-match notices fetch-receipts
      policy-match notices fetch-receipts --provider sms-gateway --json
    """
    application = current_session().application
    channels = named_channels(application.notification_channels, provider)
    with screen.progress("取回回执", "fetching receipts"):
        fetched = fetch_receipts(application.database, channels, application.account_sealer, application.clock)
    if screen.json:
        screen.result(
            [
                {
                    "provider": each.provider,
                    "contents": len(each.taken),
                    "verdicts": {verdict.value: count for verdict, count in _all_verdicts(each.taken).items()},
                    "problem": None if each.problem is None else each.problem.message("en"),
                }
                for each in fetched
            ]
        )
    else:
        columns = headings(
            screen, ("服务商", "provider", "left"), ("份", "contents", "right"), ("回执", "receipts", "left")
        )
        rows = [
            [each.provider, f"{len(each.taken):,}", _verdicts(screen, _all_verdicts(each.taken))] for each in fetched
        ]
        listed(screen, ("回执", "Receipts"), columns, rows)
    problems = [each.problem for each in fetched if each.problem is not None]
    for problem in problems:
        screen.error(problem)
    if problems:
        raise click.exceptions.Exit(problems[0].exit_code)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        problem = error.strerror or type(error).__name__
        raise ReceiptFileUnreadable(file=file.name, problem=problem, problem_zh=problem) from None
    if len(content) > MOST_BYTES:
        raise ReceiptFileUnreadable(
            file=file.name, problem=f"it has more than {MOST_BYTES:,} bytes", problem_zh=f"超过 {MOST_BYTES:,} 字节"
        )
    return content


def _headers(given: Sequence[str]) -> Mapping[str, str]:
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"{text}: write NAME=VALUE / 请写作 NAME=VALUE", param_hint="--header")
        found[name.strip()] = value
    return found


def _all_verdicts(taken: Sequence[ReceiptsTaken]) -> Mapping[ReceiptVerdict, int]:
    total = Counter[ReceiptVerdict]()
    for each in taken:
        total.update(each.verdicts)
    return total


def _verdicts(screen: Screen, verdicts: Mapping[ReceiptVerdict, int]) -> str:
    return joined([f"{screen.say(*VERDICT_WORDS[verdict])} {count:,}" for verdict, count in verdicts.items()])


def _print_planned(screen: Screen, planned: Planned) -> None:
    ways = joined([f"{screen.say(*CHANNEL_WORDS[channel])} {count:,}" for channel, count in planned.ways.items()])
    if ways:
        screen.print(f"已选渠道：{ways}", f"channels chosen: {ways}")
    none_left = joined([f"{screen.say(*NO_WAY_WORDS[why])} {count:,}" for why, count in planned.none_left.items()])
    if none_left:
        screen.print(f"无法送达，须人工处理：{none_left}", f"no way is left, a person must act: {none_left}")
    if planned.moved:
        screen.print(
            f"{planned.moved:,} 条待发消息已撤回改道",
            f"{planned.moved:,} waiting messages were taken back to go another way",
        )


def _planned_json(planned: Planned) -> dict[str, Any]:
    return {
        "ways": {channel.value: count for channel, count in planned.ways.items()},
        "none_left": {why.value: count for why, count in planned.none_left.items()},
        "moved": planned.moved,
    }


def _run_json(run: ProviderRun) -> dict[str, Any]:
    return {
        "provider": run.provider,
        "events": {event.value: count for event, count in run.events.items()},
        "end": run.end.value,
        "demoted_until": iso(None if run.demotion is None else run.demotion.until),
    }


def _taken_json(taken: ReceiptsTaken) -> dict[str, Any]:
    return {
        "digest": taken.digest,
        "repeated": taken.repeated,
        "verdicts": {verdict.value: count for verdict, count in taken.verdicts.items()},
        "refused": None if taken.refused is None else taken.refused.code,
    }


COMMANDS: Sequence[click.Command] = (plan, send, receipts, fetch_command)
