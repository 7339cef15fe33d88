"""An award that is too large to be money is open, and names the facts of the amount and of the cap."""

from datetime import date

import pytest

from policy_match.expressions.vocabulary import Vocabulary
from policy_match.facts.catalogue import FIRM, Fact, FactCatalogue, FactType
from policy_match.ports import SweepEngine
from policy_match.sweep.plan import plan_sweep
from policy_match.values import FactName, Outcome
from tests.support.engines import each_engine, sweep_all
from tests.support.policies import make_policy
from tests.support.tables import MemoryTables

CATALOGUE = FactCatalogue({FactName("n"): Fact(name=FactName("n"), label="n", type=FactType.INTEGER)})


@each_engine
@pytest.mark.parametrize(("n", "missing"), [(10**17, ("n",)), (5, ())])
def test_the_facts_of_the_cap_are_named(engine: SweepEngine, n: int, missing: tuple[str, ...]) -> None:
    policy = make_policy("p", amount="1e17", cap="n", vocabulary=Vocabulary(catalogue=CATALOGUE))
    plan = plan_sweep([policy], CATALOGUE, date(2025, 6, 30))
    decided = sweep_all(engine, plan, MemoryTables(CATALOGUE, {FIRM: [{"n": n}]})).decisions["p"][0]
    assert decided.missing == missing
    assert decided.outcome is (Outcome.UNDETERMINED if missing else Outcome.ELIGIBLE)
