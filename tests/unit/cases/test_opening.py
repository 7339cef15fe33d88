"""What is opened for one firm: entitlements, cases, alternatives."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from policy_match.cases.model import Route
from policy_match.cases.opening import (
    EligibleRow,
    EntitlementOutcome,
    FirmOpener,
    FirmOpening,
    OpenedPolicy,
    opened_policy,
)
from policy_match.entitlements.model import NO_HISTORY, Earlier, History
from policy_match.policy.model import Benefit, Delivery, Instalment, Limits, Policy, RetainedTax
from policy_match.values import Digest, FactName, PolicyId, Uscc
from tests.support.policies import make_policy

DAY = date(2025, 6, 30)
FIRM = Uscc("91370000MA00000001")
TAX = FactName("tax")
SOME, _ = make_policy("some")


def _opened(*policies: Policy) -> list[OpenedPolicy]:
    return [opened_policy(place, policy, Digest("0" * 64), DAY) for place, policy in enumerate(policies)]


def _row(place: int = 0, fen: int = 1000, *, is_open: bool = False) -> EligibleRow:
    return EligibleRow(place=place, uscc=FIRM, record_id="", amount_fen=fen, is_open=is_open)


def _open(
    policies: list[OpenedPolicy], *rows: EligibleRow, history: History = NO_HISTORY, tax: int | None = None
) -> FirmOpening:
    return FirmOpener(policies, DAY).open(rows, history, {TAX: tax})


def _outcomes(opening: FirmOpening) -> list[EntitlementOutcome]:
    return [row.outcome for row in opening.entitled]


def test_a_decision_becomes_a_case_of_its_period() -> None:
    (policy,) = _opened(SOME)
    (case,) = _open([policy], _row()).cases
    assert (policy.route, policy.period, case.due.fen, case.due.due_from, case.instalments) == (
        Route.CONFIRM,
        "2025",
        1000,
        DAY,
        1,
    )


def test_what_is_open_is_not_opened_again() -> None:
    opening = _open(_opened(SOME), _row(is_open=True))
    assert (_outcomes(opening), opening.cases) == ([EntitlementOutcome.ALREADY_OPEN], ())


def test_nothing_opens_for_nothing_but_a_title() -> None:
    title = replace(SOME, id=PolicyId("title"), benefit=Benefit.TITLE)
    opening = _open(_opened(SOME, title), _row(0, 0), _row(1, 0))
    assert _outcomes(opening) == [EntitlementOutcome.NOTHING, EntitlementOutcome.OWED]
    assert [(case.opened.policy.id, case.due.fen) for case in opening.cases] == [("title", 0)]


def test_an_instalment_without_a_fen_is_left_out() -> None:
    plan = (Instalment(share=Decimal("0.6")), Instalment(share=Decimal("0.4"), months=12))
    opening = _open(_opened(replace(SOME, instalments=plan)), _row(fen=1))
    assert [(case.due.number, case.instalments, case.due.fen) for case in opening.cases] == [(1, 2, 1)]


def test_a_title_has_no_instalments() -> None:
    plan = (Instalment(share=Decimal("0.5")), Instalment(share=Decimal("0.5"), months=12))
    title = replace(SOME, benefit=Benefit.TITLE, instalments=plan)
    assert len(_open(_opened(title), _row(fen=0)).cases) == 1


def test_an_unknown_tax_opens_nothing_and_is_named() -> None:
    limits = Limits(retained_tax=RetainedTax(fact=TAX, share=Decimal("0.5")))
    policies = _opened(replace(SOME, limits=limits))
    opening = _open(policies, _row())
    assert (_outcomes(opening), opening.cases) == ([EntitlementOutcome.UNKNOWN], ())
    assert opening.entitled[0].steps[-1].detail == TAX
    assert _open(policies, _row(), tax=400).cases[0].due.fen == 200
    assert FirmOpener(policies, DAY).retained_facts == (TAX,)


def test_what_is_only_informed_uses_up_no_limit() -> None:
    informed = replace(SOME, delivery=Delivery.SELF_DECLARE, limits=Limits(year_fen=10))
    assert _open(_opened(informed), _row()).cases[0].due.fen == 1000


def test_a_policy_that_only_the_history_has_is_learned() -> None:
    gone = replace(SOME, id=PolicyId("gone"), limits=Limits(year_fen=1))
    opener = FirmOpener(_opened(replace(SOME, limits=Limits(year_fen=1500))), DAY)
    assert opener.knows == {"some"}
    opener.learn(gone)
    earlier = Earlier(policy_id=SOME.id, record_id="", period="2025-H1", year=2025, fen=700)
    (case,) = opener.open([_row()], History(earlier=(earlier,)), {}).cases
    assert case.due.fen == 800
    assert opener.knows == {"gone", "some"}
