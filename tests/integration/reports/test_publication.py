"""What is published hides small figures, gives nothing back, says what it is, and is the same every time."""

import csv
import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from lxml import etree, html

from policy_match.reports.counts import COUNTS, RELATIONS
from policy_match.reports.figures import AMOUNTS, FIGURES
from policy_match.reports.model import Cut, Span
from policy_match.reports.report import Report
from policy_match.services.publish_report import publish_report, titles_of
from policy_match.storage.atomic_file import write_file
from policy_match.storage.report_page import report_page
from policy_match.storage.report_plots import report_plots
from tests.support.payment_flow import rows
from tests.support.report_world import Worked
from tests.support.table_attack import computed

Cell = tuple[str, str, str]
"""Cut, group and figure; cut and group are empty for the total."""

ADDED = (*(count.name for count in COUNTS), *(amount.name for amount in AMOUNTS))


def publish(worked: Worked, out: Path, *, internal: bool = False) -> Report:
    """Write the report of a world and return it."""
    report = worked.report(internal=internal)
    publish_report(
        report, titles_of(worked.world.rules), plots=report_plots, page=report_page, write=write_file, out=out
    )
    return report


def published(out: Path) -> tuple[Mapping[Cell, int], frozenset[Cell]]:
    """Return the figures that a reader sees in `report.json`, and those that are hidden there."""
    tables = json.loads((out / "report.json").read_text(encoding="utf-8"))["tables"]
    shown: dict[Cell, int] = {}
    hidden: set[Cell] = set()
    for cut, table in tables.items():
        for group in [*table["groups"], {"group": "", **table["total"]}]:
            for name in ADDED:
                cell = (cut if group["group"] else "", group["group"], name)
                if name in group["hidden"]:
                    hidden.add(cell)
                else:
                    shown[cell] = group["figures"][name]
    return shown, frozenset(hidden)


def equations(cells: frozenset[Cell]) -> Iterator[Mapping[Cell, int]]:
    """Yield what a reader knows: totals of rows and of columns, and that amounts of all ends make up what is owed."""
    for cut, group in {(cut, group) for cut, group, _ in cells}:
        for whole, parts in RELATIONS.items():
            yield {(cut, group, whole): 1, **{(cut, group, part): -1 for part in parts}}
    for cut in {cut for cut, _, _ in cells} - {""}:
        groups = {group for other, group, _ in cells if other == cut}
        for name in ADDED:
            yield {("", "", name): 1, **{(cut, group, name): -1 for group in groups}}


def test_no_hidden_figure_can_be_computed_from_the_others(worked: Worked, tmp_path: Path) -> None:
    report = publish(worked, tmp_path / "out")
    shown, hidden = published(tmp_path / "out")
    assert report.hidden > 0
    assert hidden
    assert computed(shown, hidden, equations(frozenset(shown) | hidden)) == {}


def test_the_attack_finds_what_is_hidden_alone(worked: Worked, tmp_path: Path) -> None:
    publish(worked, tmp_path / "out", internal=True)
    shown, hidden = published(tmp_path / "out")
    assert not hidden
    target = ("policy", "confirm", "paid")
    rest = {cell: value for cell, value in shown.items() if cell != target}
    assert computed(rest, {target}, equations(frozenset(shown))) == {target: shown[target]}


def test_every_figure_of_one_or_two_firms_is_hidden(worked: Worked, tmp_path: Path) -> None:
    publish(worked, tmp_path / "out")
    publish(worked, tmp_path / "internal", internal=True)
    _, hidden = published(tmp_path / "out")
    values, _ = published(tmp_path / "internal")
    per_case = {count.name for count in COUNTS if count.name not in ("attempts", "came_back")}
    small = {cell for cell, value in values.items() if cell[2] in per_case and 0 < value < 3}
    assert small
    assert small <= hidden


def test_the_tables_as_csv_add_up(worked: Worked, tmp_path: Path) -> None:
    report = publish(worked, tmp_path, internal=True)
    for cut in Cut:
        text = (tmp_path / f"by-{cut}.csv").read_text(encoding="utf-8-sig")
        *groups, total = csv.DictReader(text.splitlines())
        assert [line["group"] for line in groups] == [row.group for row in report.tables[cut].rows]
        for name in ("eligible", "paid", "owed_yuan"):
            assert sum(float(line[name]) for line in groups) == pytest.approx(float(total[name]))
    definitions = csv.DictReader((tmp_path / "definitions.csv").read_text(encoding="utf-8-sig").splitlines())
    assert len(list(definitions)) == len(FIGURES)


def test_hidden_and_missing_are_told_apart_in_csv(worked: Worked, tmp_path: Path) -> None:
    publish(worked, tmp_path)
    lines = list(csv.DictReader((tmp_path / "by-policy.csv").read_text(encoding="utf-8-sig").splitlines()))
    by_group = {line["group"]: line for line in lines}
    assert by_group["direct"]["confirm_rate"] == ""
    assert "*" in {value for line in lines for value in line.values()}


def test_the_page_is_one_file_without_scripts_or_addresses(worked: Worked, tmp_path: Path) -> None:
    publish(worked, tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    tree = html.fromstring(page)
    assert not tree.xpath("//script | //link | //iframe | //form")
    assert not tree.xpath("//*[@src and not(starts-with(@src, 'data:image/svg+xml;base64,'))]")
    assert "http://" not in re.sub(r"base64,[^\"]+", "", page)
    assert tree.xpath("//html/@lang") == ["zh-CN"]


def test_the_page_can_be_read_by_keyboard_and_without_seeing(worked: Worked, tmp_path: Path) -> None:
    publish(worked, tmp_path)
    tree = html.fromstring((tmp_path / "report.html").read_text(encoding="utf-8"))
    ids = tree.xpath("//@id")
    assert len(set(ids)) == len(ids)
    assert {link[1:] for link in tree.xpath("//a/@href")} <= set(ids)
    for region in tree.xpath("//div[@class='scroll']"):
        assert region.get("tabindex") == "0"
        assert region.get("aria-label") or region.get("aria-labelledby") in ids
    for cell in tree.xpath("//thead//th"):
        assert cell.get("scope") == "col"
    for picture in tree.xpath("//img"):
        assert re.search("[\u4e00-\u9fff].* · [A-Z]", picture.get("alt"))
    assert "@media print" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_page_names_every_figure_and_no_firm(worked: Worked, tmp_path: Path) -> None:
    publish(worked, tmp_path, internal=True)
    codes = [row["uscc"] for row in rows(worked.url, "SELECT DISTINCT uscc FROM benefit_case")]
    for file in tmp_path.iterdir():
        if file.is_file() and file.suffix in (".html", ".json", ".csv", ".svg"):
            text = file.read_text(encoding="utf-8")
            assert not any(code in text for code in codes), file.name
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for figure in FIGURES:
        assert f"<code>{figure.name}</code>" in page


def test_an_internal_page_says_so_and_a_public_one_says_what_it_hides(worked: Worked, tmp_path: Path) -> None:
    report = publish(worked, tmp_path / "out")
    publish(worked, tmp_path / "internal", internal=True)
    public = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    internal = (tmp_path / "internal" / "report.html").read_text(encoding="utf-8")
    assert "内部资料，不得公开" in internal
    assert "内部资料" not in public
    assert f"共 {report.hidden} 处" in public


def test_the_same_report_gives_the_same_bytes(worked: Worked, tmp_path: Path) -> None:
    for name in ("one", "two"):
        publish(worked, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert "report.html" in files
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_plots_hold_their_text_as_text(worked: Worked, tmp_path: Path) -> None:
    publish(worked, tmp_path)
    for name in ("reach", "ends", "coverage", "answers", "stages"):
        content = (tmp_path / f"{name}.svg").read_bytes()
        words = "".join(etree.fromstring(content, etree.XMLParser(load_dtd=False, no_network=True)).itertext())
        assert re.search("[\u4e00-\u9fff]", words), name
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    pictures = [b64decode(each) for each in re.findall(r'base64,([^"]+)"', page)]
    assert (tmp_path / "reach.svg").read_bytes() in pictures


def test_a_report_of_nothing_can_be_published(worked: Worked, tmp_path: Path) -> None:
    report = worked.report(span=Span(first=date(2025, 1, 1), last=date(2025, 1, 31)))
    publish_report(report, {}, plots=report_plots, page=report_page, write=write_file, out=tmp_path)
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["tables"]["policy"]["groups"] == []
