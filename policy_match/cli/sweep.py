"""`policy-match sweep`: every policy over every firm of a file, without a database."""

from datetime import date
from pathlib import Path

import click

from policy_match.cli.options import (
    as_of_option,
    engine_option,
    facts_option,
    record_files,
    records_option,
    rules_option,
    screen_options,
)
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.cli.sweep_totals import print_totals
from policy_match.policy.loader import load_rules
from policy_match.services.sweep_file import sweep_file


@click.command()
@facts_option
@records_option
@as_of_option
@click.option(
    "--out",
    "out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="输出目录 / the folder for the results",
)
@rules_option
@engine_option
@click.option("--all", "include_ineligible", is_flag=True, help="也写出不符合的判定 / write ineligible decisions too")
@screen_options
def sweep(
    facts_path: Path,
    records: tuple[str, ...],
    as_of: date,
    out: Path,
    rules_folder: Path,
    engine: str,
    include_ineligible: bool,
    screen: Screen,
) -> None:
    """对文件中的每家企业判定每项政策 / decide every policy for every firm of a file.

    \b
    FILE has one column per fact of facts.toml and the key `uscc`; an empty cell is unknown. It writes
    decisions.parquet and summary.json. A wrong value stops it: `policy-match import` sets bad rows aside.

    \b
      policy-match sweep --facts firms.csv --as-of 2025-06-30 --out out/
      policy-match sweep --facts firms.parquet --records loan=loans.csv --as-of 2026-06-30 --out out/ --all
    """
    application = current_session().application
    decider = application.engine(engine)
    book = load_rules(rules_folder)
    tables = application.open_facts(facts_path, book.catalogue, record_files(records))
    with screen.progress("判定", "deciding") as progress:
        summary = sweep_file(
            book,
            tables,
            decider,
            application.write_decisions,
            application.write_file,
            application.clock,
            as_of=as_of,
            out=out,
            include_ineligible=include_ineligible,
            progress=progress,
        )
    if screen.json:
        screen.result(summary.as_json())
        return
    print_totals(screen, book, summary.totals, summary.skipped)
    decisions = sum(totals.rows for totals in summary.totals.policies)
    screen.print(
        f"{decisions:,} 项判定，用时 {summary.seconds:.2f} 秒；结果在 {out}",
        f"{decisions:,} decisions in {summary.seconds:.2f} s; the results are in {out}",
    )
