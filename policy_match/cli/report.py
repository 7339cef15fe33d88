"""`policy-match report`: how well the service does, in figures of which those of few firms are not shown."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import click

from policy_match.cases.model import NoticeKind
from policy_match.cases.words import STATUS_WORDS, Words
from policy_match.cli.cells import headings, listed, money
from policy_match.cli.options import Day, rules_option, screen_options
from policy_match.cli.reviews import answer, decide, review, reviews, suggest, suggestions
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.notices.model import Channel
from policy_match.notices.words import CHANNEL_WORDS, KIND_WORDS
from policy_match.policy.loader import load_rules
from policy_match.reports.figure_kinds import Figure, Unit
from policy_match.reports.figures import FIGURES
from policy_match.reports.groups import CUT_WORDS
from policy_match.reports.model import FEWEST_FIRMS, Cut, Span
from policy_match.reports.notice_figures import DELIVERY_COUNTS, NOTICE_COUNTS
from policy_match.reports.report import Report, Titles, label
from policy_match.reports.tables import Row
from policy_match.services.publish_report import PAGE_NAME, publish_report, titles_of, year_span
from policy_match.services.report import make_report
from policy_match.services.report_files import delivery_csv, figure_csv, notice_csv, report_json, stage_csv, table_json

HIDDEN, NOTHING = "*", "–"

HEADLINES = (
    "eligible",
    "owed_fen",
    "paid",
    "paid_fen",
    "coverage",
    "under_way",
    "reached_share",
    "read_share",
    "confirm_rate",
    "silence_rate",
    "decline_rate",
    "return_rate",
    "error_rate",
    "median_days",
    "slow_days",
)
"""The figures of the table on the screen; CSV and JSON have all."""

FORMATS = ("table", "csv", "json")

from_option = click.option(
    "--from", "first", type=Day(), help="自该日起到期的，默认本年 1 月 1 日 / due from this day, by default 1 January"
)
to_option = click.option("--to", "last", type=Day(), help="至该日止，默认今日 / to this day, by default today")
internal_option = click.option(
    "--internal", is_flag=True, help="不隐去小数，不得公开 / hide nothing; such figures are not for publication"
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="表格、CSV 或 JSON / a table, CSV or JSON",
)


@click.group()
def report() -> None:
    """服务成效：触达、确认、兑付、天数、差错 / how well the service does: reach, answers, payment, days, errors.

    \b
    Figures are of benefits that fell due in some days, as they stand now. Figures of fewer than three firms are hidden,
    and others with them, so that nobody can compute them; --internal hides nothing.

    \b
      policy-match report show --by industry
      policy-match report show --by policy --from 2025-01-01 --to 2025-06-30 --format csv > half-year.csv
      policy-match report year --out public/     a page to publish, with plots and tables
      policy-match report reviews                which policies somebody should look at, and why
    """


@report.command()
@click.option(
    "--by",
    "cut",
    type=click.Choice([cut.value for cut in Cut]),
    default="policy",
    show_default=True,
    help="按何分组 / by what to divide",
)
@from_option
@to_option
@format_option
@internal_option
@rules_option
@screen_options
def show(
    cut: str, first: date | None, last: date | None, form: str, internal: bool, rules_folder: Path, screen: Screen
) -> None:
    """按政策、登记地、行业、规模或渠道列出指标 / the figures by policy, district, industry, size or channel.

    \b
      policy-match report show --by size
      policy-match report show --by channel --from 2025-01-01 --to 2025-12-31 --format json
    """
    chosen = Cut(cut)
    found, titles = _made(chosen, first, last, internal=internal, rules_folder=rules_folder)
    table = found.tables[chosen]
    if screen.json or form == "json":
        screen.result({**_days(found), "by": cut, **table_json(chosen, table, titles)})
        return
    if form == "csv":
        click.echo(figure_csv(chosen, table, titles), nl=False)
        return
    print_report(screen, found, chosen, titles)
    _say_what_is_hidden(screen, found)


@report.command()
@from_option
@to_option
@format_option
@internal_option
@rules_option
@screen_options
def stages(
    first: date | None, last: date | None, form: str, internal: bool, rules_folder: Path, screen: Screen
) -> None:
    """各环节天数 / how many days cases stand in each stage.

    \b
      policy-match report stages --from 2025-01-01
    """
    found, titles = _made(Cut.POLICY, first, last, internal=internal, rules_folder=rules_folder)
    if screen.json or form == "json":
        screen.result({**_days(found), "stages": report_json(found, titles)["stages"]})
        return
    if form == "csv":
        click.echo(stage_csv(found.stages, titles), nl=False)
        return
    columns = headings(
        screen,
        ("政策", "policy", "left"),
        ("环节", "stage", "left"),
        ("天数中位", "median days", "right"),
        ("九成不超过", "nine of ten", "right"),
    )
    rows = [
        [
            screen.say(*(label(Cut.POLICY, each.policy_id, titles) if each.policy_id else Words("合计", "all"))),
            screen.say(*STATUS_WORDS[each.status]),
            HIDDEN if each.hidden else str(each.median_days),
            HIDDEN if each.hidden else str(each.slow_days),
        ]
        for each in found.stages
    ]
    listed(screen, ("各环节天数", "Days in each stage"), columns, rows)


@report.command()
@from_option
@to_option
@format_option
@internal_option
@rules_option
@screen_options
def notices(
    first: date | None, last: date | None, form: str, internal: bool, rules_folder: Path, screen: Screen
) -> None:
    """通知与投递：按渠道和服务商 / notices, and deliveries by channel and provider.

    \b
      policy-match report notices
      policy-match report notices --internal --format csv
    """
    found, titles = _made(Cut.CHANNEL, first, last, internal=internal, rules_folder=rules_folder)
    if screen.json or form == "json":
        data = report_json(found, titles)
        screen.result({**_days(found), "notices": data["notices"], "deliveries": data["deliveries"]})
        return
    if form == "csv":
        click.echo(notice_csv(found.notices) + delivery_csv(found.deliveries), nl=False)
        return
    print_notices(screen, found)
    _say_what_is_hidden(screen, found)


@report.command()
@click.option("--year", type=click.IntRange(2000, 9999), help="年度，默认本年 / the year, by default this one")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="发布文件的目录 / folder to publish into",
)
@internal_option
@rules_option
@screen_options
def year(year: int | None, out: Path, internal: bool, rules_folder: Path, screen: Screen) -> None:
    """年度报告：网页、图、CSV、JSON / the report of a year: a page, plots, CSV and JSON.

    \b
      policy-match report year --out public/
      policy-match report year --year 2025 --internal --out internal/
    """
    application = current_session().application
    span = year_span(year, application.clock)
    with screen.progress("年度报告", "report of the year"):
        found, titles = _made(None, span.first, span.last, internal=internal, rules_folder=rules_folder)
        files = publish_report(
            found,
            titles,
            plots=application.report_plots,
            page=application.report_page,
            write=application.write_file,
            out=out,
        )
    if screen.json:
        screen.result({**_days(found), "files": [str(file) for file in files], "hidden": found.hidden})
        return
    screen.print(
        f"已写入 {out / PAGE_NAME} 等 {len(files)} 个文件", f"written: {out / PAGE_NAME}, {len(files)} files in all"
    )
    _say_what_is_hidden(screen, found)


def print_report(screen: Screen, found: Report, cut: Cut, titles: Titles) -> None:
    """Print the headlines of one table of a report."""
    table = found.tables[cut]
    figures = [figure for figure in FIGURES if figure.name in HEADLINES]
    figures.sort(key=lambda figure: HEADLINES.index(figure.name))
    columns = headings(
        screen, (*CUT_WORDS[cut], "left"), *((figure.words.zh, figure.words.en, "right") for figure in figures)
    )
    rows = [
        [screen.say(*label(cut, row.group, titles)), *(_cell(row, figure) for figure in figures)] for row in table.rows
    ]
    rows.append([screen.say("合计", "all"), *(_cell(table.total, figure) for figure in figures)])
    screen.table(_title(screen, found), columns, rows)


def print_notices(screen: Screen, found: Report) -> None:
    """Print how far notices got, and what became of deliveries by channel and provider."""
    columns = headings(
        screen, ("通知", "notice", "left"), *((words.zh, name, "right") for name, words in NOTICE_COUNTS)
    )
    names = [name for name, _ in NOTICE_COUNTS]
    rows = [[screen.say(*KIND_WORDS[NoticeKind(row.group)]), *_plain(row, names)] for row in found.notices.rows]
    rows.append([screen.say("合计", "all"), *_plain(found.notices.total, names)])
    screen.table(screen.say("通知", "Notices"), columns, rows)
    columns = headings(
        screen,
        ("渠道与服务商", "channel and provider", "left"),
        *((count.words.zh, count.words.en, "right") for count in DELIVERY_COUNTS),
    )
    names = [count.name for count in DELIVERY_COUNTS]
    rows = []
    for row in found.deliveries.rows:
        channel, _, provider = row.group.partition("/")
        rows.append([f"{screen.say(*CHANNEL_WORDS[Channel(channel)])} {provider}", *_plain(row, names)])
    rows.append([screen.say("合计", "all"), *_plain(found.deliveries.total, names)])
    screen.table(screen.say("投递", "Deliveries"), columns, rows)


def _made(
    cut: Cut | None, first: date | None, last: date | None, *, internal: bool, rules_folder: Path
) -> tuple[Report, Titles]:
    application = current_session().application
    year = year_span(None, application.clock)
    titles = titles_of(load_rules(rules_folder))
    found = make_report(
        application.database,
        application.clock,
        span=Span(first=first or year.first, last=last or year.last),
        facts=application.firm_facts(rules_folder),
        internal=internal,
        cuts=tuple(Cut) if cut is None else (cut,),
        promising=application.promising_providers,
    )
    return found, titles


def _days(found: Report) -> Mapping[str, str | bool]:
    return {
        "from": found.span.first.isoformat(),
        "to": found.span.last.isoformat(),
        "as_of": found.as_of.isoformat(),
        "internal": found.internal,
    }


def _title(screen: Screen, found: Report) -> str:
    return screen.say(
        f"服务成效：{found.span.first} 至 {found.span.last} 到期，截至 {found.as_of}",
        f"How well the service does: due {found.span.first} to {found.span.last}, as of {found.as_of}",
    )


def _say_what_is_hidden(screen: Screen, found: Report) -> None:
    if found.internal:
        screen.note("内部资料，不得公开", "internal: not for publication")
    elif found.hidden:
        screen.note(
            f"* 表示隐去：企业少于 {FEWEST_FIRMS} 家的数字，以及可据以推算的数字（{found.hidden} 处）",
            f"* is hidden: figures of fewer than {FEWEST_FIRMS} firms, and what would give them away ({found.hidden})",
        )


def _cell(row: Row, figure: Figure) -> str:
    if figure.name in row.hidden:
        return HIDDEN
    value = row.figures[figure.name]
    if value is None:
        return NOTHING
    if figure.unit is Unit.FEN:
        return money(int(value))
    return f"{float(value):.1%}" if figure.unit is Unit.SHARE else f"{value:,}"


def _plain(row: Row, names: Sequence[str]) -> list[str]:
    return [HIDDEN if name in row.hidden else f"{row.figures[name]:,}" for name in names]


for command in (reviews, review, answer, decide, suggest, suggestions):
    report.add_command(command)
