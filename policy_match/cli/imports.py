"""`policy-match import` and `policy-match snapshots`: registry extracts become immutable snapshots."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from policy_match.bootstrap import Application
from policy_match.cli.options import as_of_option, rules_option, screen_options
from policy_match.cli.quality import print_import
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.errors import InputError
from policy_match.expressions.defects import nearest
from policy_match.policy.loader import load_catalogue
from policy_match.services.import_registry import ImportResult, import_registry


class WrongSource(InputError):
    """A `--source` that is not MAPPING=FILE."""

    code = "import.source"
    english = "--source {given}: write MAPPING=FILE, where MAPPING is a mapping file or one of {shipped}"
    chinese = "--source {given}：请写作 映射=文件，映射为映射文件或以下之一：{shipped}"


class NoSuchMapping(InputError):
    """A `--source` names a mapping that is not there."""

    code = "import.no-such-mapping"
    english = "--source {given}: there is no mapping {path}{hint}; name a mapping file (.toml) or one of {shipped}"
    chinese = "--source {given}：没有映射 {path}{hint_zh}；请指定映射文件（.toml）或以下之一：{shipped}"

    def __init__(self, given: str, name: str, shipped: Sequence[str]) -> None:
        near = nearest(name, shipped)
        hint, hint_zh = (f"; did you mean `{near}`?", f"；是否想写“{near}”？") if near else ("", "")
        super().__init__(given=given, path=name, hint=hint, hint_zh=hint_zh, shipped=", ".join(shipped))


def parse_source(application: Application, given: str) -> tuple[Path, str]:
    """Return the mapping file and the location of `MAPPING=FILE`. Raises `WrongSource` or `NoSuchMapping`.

    The location is empty when there is no `=`: a mapping with a query needs none.
    """
    name, equals, location = given.partition("=")
    shipped = application.shipped_mappings()
    path = Path(name)
    if path.suffix != ".toml":
        if not equals and name not in shipped:
            raise WrongSource(given=given, shipped=", ".join(shipped))
        path = application.mappings_folder / f"{name}.toml"
    if not path.is_file():
        raise NoSuchMapping(given, name, shipped)
    return path, location


def run_import(
    application: Application, screen: Screen, sources: list[tuple[Path, str]], rules_folder: Path, as_of: date
) -> ImportResult:
    """Import sources into the kept snapshots, with a progress bar."""
    catalogue = load_catalogue(rules_folder)
    with screen.progress("导入", "importing") as progress:
        return import_registry(
            application.mapped_sources(sources, catalogue),
            catalogue,
            application.snapshot_draft(),
            as_of=as_of,
            progress=progress,
        )


@click.command("import")
@click.option(
    "--source",
    "sources",
    multiple=True,
    required=True,
    metavar="MAPPING=FILE",
    help="映射与文件；可重复，先写者优先 / a mapping and its file; repeat it, the earlier one decides",
)
@as_of_option
@rules_option
@screen_options
def import_command(sources: tuple[str, ...], as_of: date, rules_folder: Path, screen: Screen) -> None:
    """把登记数据导入为不可变的快照 / import registry extracts into one immutable snapshot.

    \b
    Bad rows and values are set aside in refused.csv with their reason; nothing stops because of one row. The same
    inputs give the same snapshot. Files: CSV (UTF-8, GB18030), Excel, Parquet; a mapping with a query reads PostgreSQL.

    \b
      policy-match import --source national_registry=registry.csv --as-of 2019-05-01
      policy-match import --source registry.toml=firms.csv --source tax.toml=tax.parquet --as-of 2025-06-30
    """
    application = current_session().application
    parsed = [parse_source(application, given) for given in sources]
    result = run_import(application, screen, parsed, rules_folder, as_of)
    if screen.json:
        screen.result(
            {
                "snapshot": result.snapshot.id,
                "directory": str(result.snapshot.directory),
                "was_there": result.snapshot.was_there,
                "rows": dict(result.quality.rows),
                "sources": [
                    {
                        "source": each.source,
                        "columns_unused": each.columns_unused,
                        "rows_read": each.rows_read,
                        "rows_kept": each.rows_kept,
                        "rows_refused": {reason.value: count for reason, count in each.rows_refused.items()},
                        "values_refused": sum(refused.count for refused in each.values_refused),
                    }
                    for each in result.quality.sources
                ],
            }
        )
        return
    print_import(screen, result)


@click.group()
def snapshots() -> None:
    """查看与核验快照 / look at snapshots and verify them."""


@snapshots.command("list")
@screen_options
def list_command(screen: Screen) -> None:
    """列出已保存的快照 / list the snapshots that are kept.

    \b
      policy-match snapshots list
    """
    found = current_session().application.kept_snapshots()
    if screen.json:
        screen.result([{"snapshot": path.name, "directory": str(path)} for path in found])
        return
    if not found:
        screen.print(
            "还没有快照；用 policy-match import 导入", "there is no snapshot yet; make one with policy-match import"
        )
    for path in found:
        screen.print(f"{path.name}  {path}", f"{path.name}  {path}")


@snapshots.command()
@click.argument("snapshot")
@rules_option
@screen_options
def verify(snapshot: str, rules_folder: Path, screen: Screen) -> None:
    """核对快照每个文件的 SHA-256 / check the SHA-256 of every file of a snapshot.

    \b
      policy-match snapshots verify 3498087c1c5a
    """
    opened = current_session().application.open_snapshot(snapshot, load_catalogue(rules_folder))
    opened.verify()
    if screen.json:
        screen.result({"snapshot": opened.digest, "sound": True})
        return
    screen.print(f"快照 {opened.digest} 完好", f"snapshot {opened.digest} is sound")
