"""Both engines decide every generated policy alike, down to the fen and the missing facts."""

from functools import cache

from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from policy_match.engines.arrow import ArrowEngine
from policy_match.engines.reference import ReferenceEngine
from policy_match.sweep.plan import SweepPlan, plan_sweep
from tests.generative import strategies
from tests.support.engines import Swept, sweep_all
from tests.support.kinds import ALL_KINDS, kind_of
from tests.support.rule_text import rule_text

POLICIES = 3

SEEN: dict[str, int] = {}
"""How often each kind of node and each outcome came up in the run."""


@settings(max_examples=4 * settings().max_examples, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.data())
def agree(data: st.DataObject) -> None:
    """One generated sweep on both engines. Not shrunk: a sweep is slow to shrink, and the note shows its rules."""
    world = data.draw(strategies.worlds(), label="world")
    pairs = [data.draw(strategies.policies(world, f"p{place}"), label=f"policy {place}") for place in range(POLICIES)]
    plan = plan_sweep(pairs, world.catalogue, data.draw(strategies.days, label="as of"))
    read = {name for grain in plan.grains for name in plan.facts_of(grain)}
    tables = data.draw(strategies.tables(world.catalogue, read), label="tables")
    for condition in plan.conditions:
        note(f"{condition.grain}: {rule_text(condition.node)}")
    judged = sweep_all(ReferenceEngine(), plan, tables)
    _take_note(plan, judged)
    assert sweep_all(ArrowEngine(batch_rows=5), plan, tables) == judged


def _take_note(plan: SweepPlan, judged: Swept) -> None:
    roots = [condition.node for condition in plan.conditions]
    for policy in plan.policies:
        roots += [policy.amount] if policy.cap is None else [policy.amount, policy.cap]
    seen = [kind_of(node) for root in roots for node in root.walk()]
    seen += [decision.outcome.value for decisions in judged.decisions.values() for decision in decisions]
    seen += ["paid" for decisions in judged.decisions.values() for decision in decisions if decision.amount_fen]
    for word in seen:
        SEEN[word] = SEEN.get(word, 0) + 1


@cache
def run() -> None:
    """The whole run, once, whichever test asks first."""
    agree()


def test_the_engines_agree() -> None:
    run()


def test_every_kind_of_node_was_generated() -> None:
    run()
    assert ALL_KINDS - SEEN.keys() == set()


def test_every_outcome_came_up_often() -> None:
    run()
    total = sum(SEEN[outcome] for outcome in ("eligible", "ineligible", "undetermined"))
    assert min(SEEN["eligible"], SEEN["ineligible"], SEEN["undetermined"], SEEN["paid"]) > total / 50
