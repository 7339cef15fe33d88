"""The manual's page of the report is up to date."""

from tests.unit.reports.render import PAGE, page


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.unit.reports.render"
