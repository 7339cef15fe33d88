"""`policy-match demo`, which `make run` calls: the main job from end to end; and the sample region by itself."""

import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from policy_match.cli.cells import SHORT
from policy_match.cli.demo_payments import PAYMENT_DAY, pay_sample
from policy_match.cli.imports import run_import
from policy_match.cli.options import Day, rules_option, screen_options
from policy_match.cli.quality import print_import
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.cli.sweep_totals import print_totals
from policy_match.cli.sweeps import print_kept, run_kept_sweep
from policy_match.policy.loader import load_rules
from policy_match.policy.model import RuleBook
from policy_match.services.import_registry import ImportResult, MappedSource, import_registry
from policy_match.services.keep_sweep import SweepKept
from policy_match.services.kept_sweeps import example_firm
from policy_match.services.sample_region.writing import FIRMS, SAMPLE_DAYS, write_sample_region
from policy_match.services.sweep_file import plan_for
from policy_match.sweep.match import UnconfirmedMatch
from policy_match.sweep.totals import Totals


@click.command("sample-region")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="目录 / folder")
@click.option("--as-of", "as_of", type=Day(), default=SAMPLE_DAYS[1], show_default=True)
@click.option("--firms", type=int, default=FIRMS, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--later", is_flag=True, help="一个月后补报的同一日数据 / the same day as it is known a month later")
@screen_options
def sample_region(out: Path, as_of: date, firms: int, seed: int, later: bool, screen: Screen) -> None:
    """写出虚构的样例地区 / write the invented sample region, as its departments would hand it over.

    \b
    Every firm is invented, and README.txt in the folder says so. The same seed and day give the same bytes.

    \b
      policy-match sample-region --out region/ --as-of 2025-12-31
    """
    with screen.progress("生成样例地区", "writing the sample region") as progress:
        files = write_sample_region(
            out,
            current_session().application.write_file,
            firms=firms,
            seed=seed,
            as_of=as_of,
            later=later,
            progress=progress,
        )
    if screen.json:
        screen.result([{"file": str(file.path), "rows": file.rows, "mapping": file.mapping} for file in files])
        return
    screen.print(f"全部企业均为虚构；已写入 {out}:", f"every firm is invented; written to {out}:")
    for file in files:
        screen.print(f"  {file.path.name}  {file.rows:,} 行", f"  {file.path.name}  {file.rows:,} rows")


@click.command()
@click.option(
    "--facts",
    "facts_path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="自己的登记文件或事实文件 / your own registry file or facts file",
)
@click.option("--as-of", "as_of", type=Day(), help="判定日期，缺省为今天 / the date of the decisions; today by default")
@click.option("--firms", type=int, default=FIRMS, show_default=True, help="虚构企业数 / how many invented firms")
@rules_option
@screen_options
def demo(facts_path: Path | None, as_of: date | None, firms: int, rules_folder: Path, screen: Screen) -> None:
    """从导入、判定到支付、对账，从头到尾 / from the import over the sweep to the bank, from end to end.

    \b
    Without --facts it uses an invented district of some 20,000 invented firms, and goes on from the sweep of
    2025-12-31 to payments by an invented bank on a simulated calendar.

    \b
      policy-match demo
      policy-match demo --facts registry.csv --as-of 2019-05-01
    """
    rules = load_rules(rules_folder)
    if facts_path is not None:
        day = as_of or current_session().application.clock.now().astimezone().date()
        _own_file(screen, rules, rules_folder, facts_path, day)
        return
    screen.print(
        "样例地区：全部企业和数字均为虚构，请勿据此兑付。",
        "The sample region: every firm and figure is invented; pay nobody by it.",
    )
    kept_days = {}
    for day in SAMPLE_DAYS if as_of is None else (as_of,):
        screen.print(f"\n══ 判定日期 {day} ══", f"\n══ as of {day} ══")
        imported = _import_sample(screen, rules_folder, day, firms, later=False)
        print_import(screen, imported)
        snapshot = imported.snapshot.directory
        kept_days[day] = run_kept_sweep(screen, rules, str(snapshot), "arrow", day)
        print_kept(screen, rules, kept_days[day])
    further: Sequence[str] = ()
    if PAYMENT_DAY in kept_days:

        def look_again() -> None:
            _sweep_later(screen, rules, rules_folder, firms)

        further = pay_sample(screen, rules, rules_folder, kept_days[PAYMENT_DAY].sweep, look_again)
    _next_steps(screen, snapshot, kept_days[day], further)


def _import_sample(screen: Screen, rules_folder: Path, day: date, firms: int, *, later: bool) -> ImportResult:
    application = current_session().application
    folder = application.sample_region_folder / (day.isoformat() + ("-later" if later else ""))
    with screen.progress("生成样例地区", "writing the sample region") as progress:
        files = write_sample_region(
            folder, application.write_file, firms=firms, as_of=day, later=later, progress=progress
        )
    mappings = application.mappings_folder / "sample_region"
    sources = [(mappings / file.mapping, str(file.path)) for file in files]
    return run_import(application, screen, sources, rules_folder, day)


def _sweep_later(screen: Screen, rules: RuleBook, rules_folder: Path, firms: int) -> None:
    """Import and sweep what became known of the payment day within a month."""
    imported = _import_sample(screen, rules_folder, PAYMENT_DAY, firms, later=True)
    kept = run_kept_sweep(screen, rules, str(imported.snapshot.directory), "arrow", PAYMENT_DAY)
    short = kept.sweep.sweep_id[:SHORT]
    screen.print(
        f"\n各部门一个月后补报了 {PAYMENT_DAY} 的数据（迁出、注销、新列入失信名单）；已重新判定：批次 {short}",
        f"\na month later the departments know more of {PAYMENT_DAY} (moved away, closed, newly listed as dishonest); "
        f"swept again: {short}",
    )


def _own_file(screen: Screen, rules: RuleBook, rules_folder: Path, path: Path, day: date) -> None:
    application = current_session().application
    source = application.own_source(path, rules.catalogue, day)
    screen.print(
        f"判定日期 {day}；按映射“{source.mapping.file_name}”读取",
        f"as of {day}; read by the mapping `{source.mapping.file_name}`",
    )
    imported = _import_own(screen, rules, source, day)
    print_import(screen, imported)
    directory = str(imported.snapshot.directory)
    try:
        print_kept(screen, rules, run_kept_sweep(screen, rules, directory, "arrow", day))
    except UnconfirmedMatch as question:
        _report_only(screen, rules, directory, day)
        screen.print(question.message("zh"), question.message("en"))


def _import_own(screen: Screen, rules: RuleBook, source: MappedSource, day: date) -> ImportResult:
    application = current_session().application
    with screen.progress("导入", "importing") as progress:
        return import_registry([source], rules.catalogue, application.snapshot_draft(), as_of=day, progress=progress)


def _report_only(screen: Screen, rules: RuleBook, directory: str, day: date) -> None:
    """Show what was found although nothing was kept, so that the person can answer the question."""
    application = current_session().application
    snapshot = application.open_snapshot(directory, rules.catalogue)
    planned = plan_for(rules, snapshot, day)
    totals = Totals(planned.plan)
    for _ in totals.watch(application.engine("arrow").sweep(planned.plan, snapshot)):
        pass
    print_totals(screen, rules, totals, planned.skipped)


def _next_steps(screen: Screen, snapshot: Path, kept: SweepKept, further: Sequence[str]) -> None:
    day = kept.sweep.identity.as_of
    firm = example_firm(current_session().application.database, kept.sweep)
    typed = Path(sys.argv[0])
    command = os.path.relpath(typed) if typed.name == "policy-match" else "python -m policy_match"
    steps = [
        f"{command} explain {firm} --facts {snapshot} --as-of {day}",
        f"{command} sweeps coverage {max(kept.sweep.policies, key=lambda policy: policy.eligible).policy_id}",
        f"{command} sweeps list",
        *(f"{command} {each}" for each in further),
        f"{command} rules test",
        "make run FACTS=registry.csv AS_OF=2025-06-30",
    ]
    screen.print("\n接下来可以试试：", "\nWhat to try next:")
    for step in steps:
        screen.print(f"  {step}", f"  {step}")
