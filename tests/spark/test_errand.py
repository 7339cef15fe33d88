"""What is sent to a task, and how a task works it off."""

import pickle
import pickletools
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from policy_match.bootstrap import Application
from policy_match.config import Config
from policy_match.engines.arrow.batches import CompiledGrain
from policy_match.errors import InputError
from policy_match.policy.loader import load_rules
from policy_match.services.sweep_file import plan_for
from tests.support.registry import AS_OF, code
from tests.support.spark import Errand, RowRange, decide_ranges, read_answer

ROOT = Path(__file__).parents[2]
PASSWORD, KEY = "geheim-4711", "5e" * 32
MAY_BE_SENT = {"engines", "expressions", "facts", "policy", "storage", "sweep", "values"}
"""Our parts whose objects a task gets: no configuration, no payments, no services."""


@pytest.fixture
def errand(tmp_path: Path) -> Errand:
    """All policies in force on a facts file, opened by an application with secrets."""
    config = Config.from_environment(
        {
            "POLICY_MATCH_DATA_DIR": str(tmp_path / "data"),
            "POLICY_MATCH_DATABASE_URL": f"postgresql://bureau:{PASSWORD}@db/policy",
            "POLICY_MATCH_ACCOUNT_KEYS": KEY,
        }
    )
    path = tmp_path / "firms.parquet"
    pq.write_table(pa.table({"uscc": [code(each) for each in range(8)], "avg_employees_tax": range(8)}), path)
    rules = load_rules(ROOT / "rules")
    with Application(config) as application:
        tables = application.open_facts(path, rules.catalogue, {})
    plan = plan_for(rules, tables, AS_OF).plan
    return Errand(plan=plan, grain="firm", table=tables.address("firm", plan.facts_of("firm"), AS_OF))


def test_nothing_secret_is_sent(errand: Errand) -> None:
    sent = errand.packed()
    assert PASSWORD.encode() not in sent
    assert KEY.encode() not in sent and bytes.fromhex(KEY) not in sent
    words = [value for _, value, _ in pickletools.genops(sent) if isinstance(value, str)]
    ours = [word for word in words if word.startswith(("policy_match.", "connectors."))]
    assert "policy_match.sweep.plan" in ours
    assert {word.split(".")[1] for word in ours} <= MAY_BE_SENT


def test_a_task_answers_as_the_kernel_decides(errand: Errand) -> None:
    (answer,) = decide_ranges(errand.packed(), [RowRange(first_row=2, rows=4)])
    found = read_answer(answer, errand.plan)
    judged = CompiledGrain(errand.plan, "firm").decide(2, errand.table.open().read(2, 4))
    assert found == judged
    assert all(left.policy is right.policy for left, right in zip(found.results, judged.results, strict=True))


def test_an_error_is_an_answer(errand: Errand) -> None:
    errand.table.files["firm"][0].unlink()
    (answer,) = decide_ranges(errand.packed(), [RowRange(first_row=0, rows=1)])
    assert isinstance(read_answer(answer, errand.plan), InputError)


def test_a_process_opens_the_table_once_for_all_ranges(errand: Errand) -> None:
    sent = errand.packed()
    answers = [*decide_ranges(sent, [RowRange(first_row=0, rows=3)])]
    errand.table.files["firm"][0].unlink()
    answers += decide_ranges(pickle.loads(pickle.dumps(sent)), [RowRange(first_row=3, rows=5)])
    assert [read_answer(answer, errand.plan).rows for answer in answers] == [3, 5]
