"""The table of stages: every case that waits has one, and the database, the policy files and the page know the same."""

from importlib.resources import files
from pathlib import Path

import pytest

from policy_match.cases.model import Status
from policy_match.cases.transitions import AFTER, possible
from policy_match.policy.model import LimitedStage
from policy_match.supervision.escalation import LEVEL_WORDS, LEVELS, RED_DAYS
from policy_match.supervision.orders import ORDER_AFTER, ORDER_STATUS_WORDS, OrderStatus, OrderStep
from policy_match.supervision.sql_rules import insert_order_transitions, insert_stage_rules
from policy_match.supervision.stages import ENDS_WITHOUT_MONEY, STAGES, STAGES_OF, UNIT_WORDS, Party, Stage, unit_of

MIGRATION = (files("policy_match.storage") / "migrations" / "0008_supervision.sql").read_text(encoding="utf-8")
PAGE = Path(__file__).parents[3] / "docs" / "supervision.md"
KNOWN = {(route, status) for (route, before, _), after in AFTER.items() for status in (before, after)}
OVER = frozenset({Status.CLOSED, Status.DECLINED, Status.WAIVED, Status.WITHDRAWN, Status.REJECTED, Status.RECOVERED})
"""Where nothing is left to be done."""


def test_exactly_the_statuses_in_which_something_is_to_be_done_have_stages() -> None:
    assert set(STAGES_OF) == {(route, status) for route, status in KNOWN if status not in OVER}


def test_the_partial_index_of_open_cases_leaves_out_exactly_the_others() -> None:
    assert {status for _, status in KNOWN} - {status for _, status in STAGES_OF} == OVER
    listed = [text.split(")")[0] for text in MIGRATION.split("status NOT IN (")[1:]]
    assert len([text for text in listed if {word.strip(" '") for word in text.split(",")} == OVER]) == 2


def test_a_case_that_waits_can_take_a_step() -> None:
    assert all(possible(route, status) for route, status in STAGES_OF)


def test_every_stage_is_used_and_has_words_and_a_source() -> None:
    assert set(STAGES) == set(Stage) == {stage for pair in STAGES_OF.values() for stage in pair}
    for terms in STAGES.values():
        assert all((*terms.words, *terms.source))


def test_a_policy_may_limit_exactly_the_stages_that_have_no_other_limit() -> None:
    others = {Stage.ANSWER, Stage.PUBLICITY, Stage.OBJECTION}
    assert {Stage(stage.value) for stage in LimitedStage} == set(Stage) - others
    assert {stage for stage, terms in STAGES.items() if terms.days is None} == others | {Stage.PERFORMANCE}


def test_what_waits_for_the_firm_never_counts_against_a_department() -> None:
    assert [stage for stage in Stage if STAGES[stage].party is Party.FIRM] == [Stage.ANSWER]
    assert unit_of(Stage.ANSWER, "人社局") == "企业"


@pytest.mark.parametrize(
    ("stage", "unit"), [(Stage.REVIEW, "人社局"), (Stage.ORDER, "财政部门"), (Stage.BANK, "代理银行")]
)
def test_a_stage_counts_where_somebody_can_act(stage: Stage, unit: str) -> None:
    assert unit_of(stage, "人社局") == unit
    assert set(UNIT_WORDS) == set(Party) - {Party.DEPARTMENT}


def test_the_database_knows_exactly_these_stages_and_steps() -> None:
    assert insert_stage_rules() in MIGRATION
    assert insert_order_transitions() in MIGRATION
    kinds = {"case_stage": Stage, "order_to_act_status": OrderStatus, "order_to_act_step": OrderStep}
    for name, members in kinds.items():
        text = MIGRATION.split(f"CREATE TYPE {name} AS ENUM (")[1].split(")")[0]
        assert {word.strip().strip("'") for word in text.split(",")} == set(members)


def test_only_what_pays_ends_without_money() -> None:
    assert set(STAGES_OF) >= ENDS_WITHOUT_MONEY
    assert {STAGES_OF[key][1] for key in ENDS_WITHOUT_MONEY} == {Stage.ORDER, Stage.NOTIFY}


def test_the_page_has_every_stage_with_its_limit_and_every_level() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for stage, terms in STAGES.items():
        days = "–" if terms.days is None else str(terms.days)
        unit = UNIT_WORDS[terms.party].zh if terms.party in UNIT_WORDS else "主管部门"
        source = f"{terms.source.zh} · {terms.source.en}"
        row = f"| `{stage}` {terms.words.zh} | {terms.words.en} | {unit} | {days} | {source} |"
        assert row in page, row
    for level in LEVELS:
        words = LEVEL_WORDS[level]
        assert f"| {level} {words.zh} | {words.en} | {RED_DAYS[level]} |" in page


def test_every_step_of_an_order_leads_on_and_only_an_accepted_one_is_done() -> None:
    left = {status for status, _ in ORDER_AFTER}
    assert set(OrderStatus) - left == {OrderStatus.ACCEPTED}
    assert set(ORDER_AFTER.values()) | {OrderStatus.ISSUED} == set(OrderStatus) == set(ORDER_STATUS_WORDS)
    assert {step for _, step in ORDER_AFTER} == set(OrderStep)
