"""Options that several commands share, so that one word means one thing everywhere."""

import functools
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

import click

from policy_match.cli.session import current_session
from policy_match.values import MONEY_LIMIT_FEN, Money, PolicyId, Uscc
from policy_match.wiring.registry import ENGINES

MAX_PAGE = 10_000
CODE = re.compile(r"[0-9A-Z]{18}")
LARGEST_NUMBER = 2**31 - 1
MOST_LETTERS = 100
"""The longest name of who does something; the database keeps no longer one."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A day as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the day, or fail with an example."""
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 a day has no zone
        except ValueError:
            self.fail(f"{value!r} is not a day; write for example 2025-06-30 / 日期请写作 2025-06-30", param, ctx)


class Yuan(click.ParamType[int]):
    """An amount in yuan with at most two decimals, as fen: `1,234.56` is 123456."""

    name = "YUAN"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the fen, or fail with an example."""
        if isinstance(value, int):
            return value
        try:
            yuan = Decimal(value.replace(",", "").replace(",", "").strip())
            fen = Money.from_yuan(yuan).fen if yuan.is_finite() else -1
        except (InvalidOperation, ValueError):
            fen = -1
        if not 0 <= fen < MONEY_LIMIT_FEN:
            self.fail(
                f"{value!r} is no amount; write yuan, for example 1234.56 / 金额请以元填写，如 1234.56", param, ctx
            )
        return fen


def _named(_: click.Context, param: click.Parameter, value: str) -> str:
    name = value.strip()
    if not 0 < len(name) <= MOST_LETTERS:
        raise click.BadParameter("name the person, in at most 100 letters / 请写明经办人，不超过 100 字", param=param)
    return name


def _code(_: click.Context, param: click.Parameter, value: str | None) -> Uscc | None:
    """Return a credit code. Its check digit is not looked at: some real ones fail."""
    if value is None:
        return None
    code = value.strip().upper()
    if CODE.fullmatch(code) is None:
        raise click.BadParameter(
            f"{value!r} is no credit code: it has 18 letters and digits / 统一社会信用代码应为 18 位字母或数字",
            param=param,
        )
    return Uscc(code)


def _policy(_: click.Context, __: click.Parameter, value: str | None) -> PolicyId | None:
    return None if value is None else PolicyId(value.strip())


def screen_options(command: Command) -> Command:
    """Add `--lang` and `--json` and hand the command its `screen`."""

    @functools.wraps(command)
    def with_screen(*args: Any, lang: str | None, as_json: bool, **kwargs: Any) -> Any:
        screen = current_session().screen
        if lang is not None:
            screen.language = "zh" if lang == "zh" else "en"
        screen.json = as_json
        return command(*args, screen=screen, **kwargs)

    with_lang = click.option("--lang", type=click.Choice(["zh", "en"]), help="输出语言 / language of the output")(
        with_screen
    )
    return click.option("--json", "as_json", is_flag=True, help="机器可读输出 / machine output")(with_lang)  # type: ignore[return-value]


rules_option = click.option(
    "--rules",
    "rules_folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path("rules"),
    show_default=True,
    help="规则库目录 / the rules repository",
)
facts_option = click.option(
    "--facts",
    "facts_path",
    type=click.Path(exists=True, path_type=Path),
    required=True,
    help="事实文件（CSV、Parquet）或快照目录 / a facts file (CSV, Parquet) or a snapshot folder",
)
records_option = click.option(
    "--records",
    "records",
    multiple=True,
    metavar="GRAIN=FILE",
    help="记录表，如 loan=loans.csv / a record table, for example loan=loans.csv",
)
engine_option = click.option(
    "--engine",
    type=click.Choice(list(ENGINES)),
    default="arrow",
    show_default=True,
    help="判定引擎；三者结果相同 / what decides; all give the same results",
)
as_of_option = click.option(
    "--as-of", "as_of", type=Day(), required=True, help="判定日期 / the date for which to decide"
)

by_option = click.option(
    "--by", "by", required=True, metavar="NAME", callback=_named, help="经办人账号 / who decides: a staff account"
)
unattended_by_option = click.option(
    "--by",
    "by",
    default="system",
    show_default=True,
    metavar="NAME",
    callback=_named,
    help="经办人账号；自动运行时为 system / who runs it; `system` when nobody does",
)
firm_by_option = click.option(
    "--by",
    "by",
    required=True,
    metavar="NAME",
    callback=_named,
    help="firm:信用代码，或代办人员 / firm:CODE, or the member of staff who takes the answer",
)
reason_option = click.option("--reason", "reason", required=True, metavar="TEXT", help="理由 / the reason")
policy_option = click.option(
    "--policy", "policy", metavar="POLICY", callback=_policy, help="仅此一项政策 / this policy only"
)
policy_argument = click.argument("policy", metavar="POLICY", callback=_policy)
firm_option = click.option(
    "--firm", "firm", metavar="USCC", callback=_code, help="仅此一家企业（统一社会信用代码）/ this firm only"
)
firm_argument = click.argument("firm", metavar="USCC", callback=_code)
year_option = click.option("--year", "year", type=click.IntRange(2000, 9999), help="预算年度 / the budget year")
NUMBER = click.IntRange(1, LARGEST_NUMBER)
"""The number of a case, a list, an objection…"""

after_option = click.option(
    "--after",
    "after",
    type=click.IntRange(0, LARGEST_NUMBER),
    default=0,
    help="从该编号之后列起 / begin after this number",
)
most_option = click.option(
    "--most", "most", type=click.IntRange(1, MAX_PAGE), default=50, show_default=True, help="最多行数 / at most so many"
)


def record_files(given: tuple[str, ...]) -> dict[str, Path]:
    """Return the record file of each grain in `GRAIN=FILE`. Raises `click.BadParameter`."""
    found = {}
    for text in given:
        grain, _, file = text.partition("=")
        if not grain or not Path(file).is_file():
            raise click.BadParameter(f"{text}: write GRAIN=FILE, for example loan=loans.csv", param_hint="--records")
        found[grain] = Path(file)
    return found
