"""The outcome of an import as tables: what was read, kept and refused, and how complete the facts are."""

from policy_match.cli.screen import Screen
from policy_match.facts.reasons import Reason
from policy_match.services.import_registry import ImportResult

MAX_FACTS = 12
MAX_COLUMNS = 12


def print_import(screen: Screen, result: ImportResult) -> None:
    """Print rows per source, the facts that are missing most, and where the whole report is."""
    quality = result.quality
    rows = []
    for each in quality.sources:
        refused = ", ".join(f"{reason_text(screen, reason)} {count:,}" for reason, count in each.rows_refused.items())
        rows.append(
            [
                each.source,
                each.input_name,
                f"{each.rows_read:,}",
                f"{each.rows_kept:,}",
                refused,
                f"{sum(refused.count for refused in each.values_refused):,}",
            ]
        )
    columns = [
        (screen.say("来源", "source"), "left"),
        (screen.say("文件", "file"), "left"),
        (screen.say("读取行", "rows read"), "right"),
        (screen.say("保留行", "rows kept"), "right"),
        (screen.say("拒收行及原因", "rows refused"), "left"),
        (screen.say("拒收值", "values refused"), "right"),
    ]
    screen.table(screen.say("导入", "Import"), columns, rows)
    _print_unused(screen, result)
    _print_facts(screen, result)
    directory = result.snapshot.directory
    if result.snapshot.was_there:
        screen.print("与先前导入完全相同，沿用已有快照", "the same inputs were imported before; that snapshot stays")
    screen.print(f"快照 {result.snapshot.id}", f"snapshot {result.snapshot.id}")
    screen.print(
        f"数据质量报告：{directory / 'quality.html'}；拒收明细：{directory / 'refused.csv'}",
        f"quality report: {directory / 'quality.html'}; what was refused: {directory / 'refused.csv'}",
    )


def _print_unused(screen: Screen, result: ImportResult) -> None:
    for each in result.quality.sources:
        if each.columns_unused:
            names = ", ".join(each.columns_unused[:MAX_COLUMNS])
            more = len(each.columns_unused) - MAX_COLUMNS
            screen.print(
                f"{each.source}：未用到的列 {names}" + (f" 等，另有 {more} 列" if more > 0 else ""),
                f"{each.source}: columns not used: {names}" + (f" and {more} more" if more > 0 else ""),
            )


def _print_facts(screen: Screen, result: ImportResult) -> None:
    incomplete = sorted(
        (each for each in result.quality.facts if each.missing or each.stale),
        key=lambda each: (-(each.missing + each.stale), each.fact),
    )
    rows = [
        [
            screen.say(each.label, each.label_en or each.fact),
            f"{each.known:,}",
            f"{each.missing:,}",
            f"{each.stale:,}",
        ]
        for each in incomplete[:MAX_FACTS]
    ]
    columns = [
        (screen.say("事实", "fact"), "left"),
        (screen.say("已知", "known"), "right"),
        (screen.say("缺少", "missing"), "right"),
        (screen.say("过期", "stale"), "right"),
    ]
    if rows:
        screen.table(screen.say("最不完整的事实", "The least complete facts"), columns, rows)


def reason_text(screen: Screen, reason: Reason) -> str:
    """Return the reason in the language of the screen."""
    return screen.say(reason.chinese, reason.english)
