"""The bureau's pages of money, supervision and figures answer in both languages, and refuse who may not see them."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from policy_match.ports.requested_work import WorkKind
from policy_match.reports.model import Cut
from policy_match.services.ask_for_work import ask_for_step
from policy_match.services.roles import grant_role
from policy_match.storage.unit_of_work import Database
from tests.functional.api.test_report_and_reviews import ReportDesk
from tests.functional.api.test_supervision import Office
from tests.support.api import TestDesk
from tests.support.money_api import PayingDesk
from tests.support.payment_desk import Desk, Inbox
from tests.support.payment_flow import cases, fill
from tests.support.report_world import Worked, make_report_world, work
from tests.support.signed_in import ROOT, Browser, Entrance, open_entrance

MONEY = (
    *("/bureau/funds", "/bureau/funds/lines/city-2025", "/bureau/funds/queues", "/bureau/funds/queues/flow-one"),
    *("/bureau/funds/ledger?line=city-2025", "/bureau/funds/ledger?table=transfers.csv", "/bureau/payments"),
    *(
        "/bureau/payments/orders",
        "/bureau/payments/orders?status=returned&table=orders.csv",
        "/bureau/payments/batches",
    ),
    *("/bureau/payments/returned", "/bureau/payments/returned/1", "/bureau/payments/returned?table=returned.csv"),
    *("/bureau/payments/bank-files", "/bureau/payments/bank-lines", "/bureau/payments/reconciliations"),
    *("/bureau/payments/reconciliations/1", "/bureau/payments/recoveries", "/bureau/payments/recoveries/1"),
)
SUPERVISION = (
    *("/bureau/supervision", "/bureau/supervision?per_policy=true", "/bureau/supervision/cases?colour=red"),
    *("/bureau/supervision/escalations", "/bureau/supervision/orders", "/bureau/supervision/orders/new"),
    *(
        "/bureau/supervision/promises",
        "/bureau/supervision/unpaid-firms",
        "/bureau/supervision/unpaid-firms?table=unpaid-firms.parquet",
    ),
    "/bureau/supervision/duties",
)
DAYS = "first=2025-01-01&last=2025-12-31"
FIGURES = (
    *(f"/bureau/statistics{path}?{DAYS}" for path in ("", "/stages", "/notices", "/stages.csv", "/notices.csv")),
    *(f"/bureau/statistics?by={cut}&{DAYS}" for cut in Cut),
    *(f"/bureau/statistics/figures.csv?by={cut}&{DAYS}" for cut in Cut),
)


@pytest.fixture
def entrance(database: Database, database_url: str, tmp_path: Path) -> Entrance:
    desk = Desk(database, fill(database, database_url, cases(100, 200, 300), budget_fen=1000), by="zhao.min")
    bank = Inbox()
    desk.pay(bank)
    desk.clock.move(1)
    desk.take(desk.statement(*(desk.booking(each) for each in bank.payments)))
    desk.clock.move(1)
    desk.take(desk.statement(desk.returning(bank.payments[0]), opening_fen=10_000_000_000 - 600))
    desk.reconcile()
    ask_for_step(database, desk.clock, WorkKind.SEND_PAYMENTS, None, by="zhao.min")
    return open_entrance(database, desk=PayingDesk(desk, tmp_path))


def decide_recovery(browser: Browser) -> None:
    body = {"kind": "overpayment", "right_fen": 150, "reason": "多计一人"}
    assert browser.post("/cases/2/recoveries", body).status_code == 201


def every_page_answers(browser: Browser, paths: Sequence[str]) -> None:
    for language in ("zh", "en"):
        browser.client.set_cookie("language", language, domain="policy-match.test")
        for path in paths:
            answer = browser.client.get(path, base_url=ROOT)
            assert answer.status_code == 200, (language, path, answer.get_data(as_text=True))
            if answer.mimetype == "text/html":
                text = answer.get_data(as_text=True)
                assert ">None<" not in text, (language, path)
                assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in text, path


def test_every_page_of_money_answers_in_both_languages(entrance: Entrance) -> None:
    browser = entrance.staff("payer", "budget", "clerk", name="zhao.min")
    decide_recovery(browser)
    every_page_answers(browser, MONEY)


def test_every_page_of_supervision_answers_in_both_languages(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    office = Office(database, database_url, tmp_path)
    entrance = open_entrance(database, desk=TestDesk(database, office.rules, office.clock, tmp_path))
    every_page_answers(entrance.staff("supervisor", name="chief"), SUPERVISION)


def test_every_page_of_figures_answers_in_both_languages(database: Database, database_url: str, tmp_path: Path) -> None:
    world = make_report_world(database, tmp_path, 20)
    work(database_url, world)
    entrance = open_entrance(database, desk=ReportDesk(Worked(world, tmp_path, database_url)))
    every_page_answers(entrance.staff("supervisor", name="chief"), FIGURES)


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("clerk", "/bureau/funds"),
        ("clerk", "/bureau/payments/batches"),
        ("budget", "/bureau/payments/bank-files"),
        ("clerk", "/bureau/supervision/orders/new"),
        ("administrator", "/bureau/statistics"),
        ("administrator", "/bureau/supervision"),
    ],
)
def test_who_may_not_see_it_is_refused_on_a_page(entrance: Entrance, role: str, path: str) -> None:
    answer = entrance.staff(role).client.get(path, base_url=ROOT)
    assert (answer.status_code, answer.mimetype) == (403, "text/html")


def test_who_is_limited_to_a_department_sees_its_own_returned_payments_alone(entrance: Entrance) -> None:
    own, other = (entrance.staff("payer", name=name, department=name) for name in ("人社局", "科技局"))
    assert "91370000MA00000001" in own.client.get("/bureau/payments/returned", base_url=ROOT).get_data(as_text=True)
    page = other.client.get("/bureau/payments/returned", base_url=ROOT)
    assert (page.status_code, "91370000MA00000001" in page.get_data(as_text=True)) == (200, False)
    assert other.client.get("/bureau/payments/returned/1", base_url=ROOT).status_code == 403
    assert own.client.get("/bureau/payments/reconciliations", base_url=ROOT).status_code == 403


def test_a_table_reaches_as_far_as_the_role_that_may_list_it_and_no_further(entrance: Entrance) -> None:
    """A supervisor sees every line; the transfers are for payers, and as one he has a single department."""
    browser = entrance.staff("supervisor", name="chief")
    grant_role(
        entrance.desk.database, entrance.clock, person="chief", role="payer", department="人社局", by="wang.fang"
    )
    page = browser.client.get("/bureau/funds/lines/city-2025", base_url=ROOT)
    assert (
        page.status_code,
        "transfers.csv" in page.get_data(as_text=True) and "<caption>" in page.get_data(as_text=True),
    ) == (200, False)
    taken = browser.client.get("/bureau/funds/lines/city-2025?table=transfers.csv", base_url=ROOT)
    assert taken.status_code == 403
