"""Options that several commands share, so that one word means one thing everywhere."""

import functools
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from policy_match.cli.session import current_session

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
    help="事实文件(CSV、Parquet)或快照目录 / a facts file (CSV, Parquet) or a snapshot folder",
)
records_option = click.option(
    "--records",
    "records",
    multiple=True,
    metavar="GRAIN=FILE",
    help="记录表,如 loan=loans.csv / a record table, for example loan=loans.csv",
)
as_of_option = click.option(
    "--as-of", "as_of", type=Day(), required=True, help="判定日期 / the date for which to decide"
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
