"""`policy-match cases import-prior-aid`: aid that others paid, so that it is not paid twice."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from policy_match.cli.cells import headings
from policy_match.cli.options import by_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.errors import InputError
from policy_match.facts.defects import SourceUnreadable
from policy_match.facts.encoding import find_encoding
from policy_match.services.import_prior_aid import COLUMNS, REASONS, PriorAidImport, import_prior_aid

SHOWN = 20
BLOCK = 1 << 20


@click.command("import-prior-aid")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@by_option
@screen_options
def import_prior_aid_command(file: Path, by: str, screen: Screen) -> None:
    """导入已享受的资助，发起时扣除 / take in aid that others paid, so that openings deduct it.

    \b
    A CSV file (UTF-8 or GB18030) with the header
      source,reference,uscc,matter,paid_on,amount_yuan
    An empty amount says that something was paid and nobody knows how much: the claim stays undetermined. The same
    file again changes nothing; a line that contradicts what is kept is refused.

    \b
      policy-match cases import-prior-aid aid-2024.csv --by wang.fang
    """
    application = current_session().application
    try:
        encoding = find_encoding(lambda: _blocks(file), str(file), None).encoding
        with (
            file.open(encoding=encoding, newline="") as lines,
            screen.progress("导入已享受资助", "taking prior aid"),
        ):
            found = import_prior_aid(application.database, file.name, lines, clock=application.clock, by=by)
    except csv.Error as error:
        raise SourceUnreadable(file=file, detail=f"{error}; is a quote missing?") from None
    except OSError as error:
        raise SourceUnreadable(file=file, detail=error.strerror or type(error).__name__) from None
    if screen.json:
        screen.result(_prior_aid_json(found))
    else:
        _print_prior_aid(screen, found)
    if found.refused and not found.added + found.known:
        raise click.exceptions.Exit(InputError.exit_code)


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        yield from iter(lambda: source.read(BLOCK), b"")


def _prior_aid_json(found: PriorAidImport) -> dict[str, Any]:
    return {
        "added": found.added,
        "known": found.known,
        "refused": [
            {"line": each.line, "fields": list(each.fields), "because": each.because.value} for each in found.refused
        ],
    }


def _print_prior_aid(screen: Screen, found: PriorAidImport) -> None:
    screen.print(
        f"新增 {found.added:,} 行，已有 {found.known:,} 行，未采用 {len(found.refused):,} 行",
        f"{found.added:,} lines are new, {found.known:,} were there, {len(found.refused):,} were refused",
    )
    if found.refused:
        columns = headings(screen, ("行", "line", "right"), ("内容", "fields", "left"), ("原因", "because", "left"))
        rows = []
        for each in found.refused[:SHOWN]:
            english, chinese = REASONS[each.because]
            rows.append([str(each.line), ",".join(each.fields), screen.say(chinese, english)])
        screen.table(screen.say("未采用的行", "Refused lines"), columns, rows)
        screen.print(f"列：{','.join(COLUMNS)}", f"columns: {','.join(COLUMNS)}")
