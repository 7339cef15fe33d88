"""The repository as a whole: what is read, what is left alone, and that every defect is found at once."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from policy_match.expressions.nodes import facts_read
from policy_match.facts.catalogue import FactType
from policy_match.policy.defects import RuleDefect, RulesDefective
from policy_match.policy.loader import load_catalogue, load_rules, policy_files
from policy_match.policy.model import (
    Allocation,
    ApprovalStage,
    Benefit,
    Delivery,
    Process,
    Rhythm,
    Silence,
    StackingRule,
)
from policy_match.policy.toml_document import MAX_BYTES
from policy_match.values import Money, Period, PolicyId
from tests.support.rules_folder import (
    CASES_FILE,
    DEFINITIONS_FILE,
    FACTS_FILE,
    PARAMETERS_FILE,
    POLICY_FILE,
    RulesFolder,
)

SOME = PolicyId("some-grant")


def test_a_policy_is_read_whole(rules: RulesFolder) -> None:
    policy = load_rules(rules.path).policies[SOME]
    assert (policy.title, policy.title_en, policy.department) == ("某项补贴", "Some grant", "某局")
    assert (policy.benefit, policy.delivery, policy.rhythm) == (Benefit.GRANT, Delivery.CONFIRM, Rhythm.YEAR)
    assert (policy.grain, policy.per_firm, policy.encoding_grade) == ("firm", True, "A")
    assert [(basis.document, basis.number, basis.url) for basis in policy.basis] == [("某通知", "某发〔2025〕1号", "")]
    assert policy.stacking is not None
    assert (policy.stacking.group, policy.stacking.rule) == ("some-group", StackingRule.HIGHEST)
    assert policy.budget is not None
    assert (policy.budget.fund, policy.budget.allocation) == ("some-fund", Allocation.PRO_RATA)
    assert policy.process == Process(
        confirm_days=10,
        silence=Silence.ACCEPTED,
        publicity_days=5,
        approvals=(ApprovalStage(role="reviewer"), ApprovalStage(role="approver")),
    )


def test_versions_keep_their_period_amount_cap_and_minimum(rules: RulesFolder) -> None:
    first, second = load_rules(rules.path).policies[SOME].versions
    assert (first.label, first.in_force) == ("2025-01-01", Period(date(2025, 1, 1), date(2025, 12, 31)))
    assert second.in_force == Period(date(2026, 1, 1))
    assert first.amount.text == "revenue * 0.01"
    assert (first.cap and first.cap.text, second.cap and second.cap.text) == ("50000", "employees * 1000")
    assert (first.minimum, second.minimum) == (Money(10_050), Money(0))
    assert [condition.id for condition in first.conditions] == ["open", "growth"]
    assert first.conditions[0].line == rules.line(POLICY_FILE, "[[version.condition]]")
    assert facts_read(first.conditions[0].when.node) == {"industry", "employees"}


def test_only_what_design_requires_is_required(rules: RulesFolder) -> None:
    rules.write(
        POLICY_FILE,
        'id = "some-grant"\ntitle = "某"\ndepartment = "某局"\njurisdiction = "370000"\nbenefit = "title"\n'
        'delivery = "none"\nperiod = "once"\n[[version]]\namount = "0"\n[[version.condition]]\nid = "a"\ntext = "某"\n'
        'article = "一"\nwhen = "not arrears"\n',
    )
    policy = load_rules(rules.path).policies[SOME]
    assert (policy.grain, policy.encoding_grade, policy.process) == ("firm", "C", Process())
    assert (policy.basis, policy.stacking, policy.budget) == ((), None, None)
    assert policy.versions[0].in_force == Period(date.min)
    assert policy.versions[0].cap is None


def test_the_catalogue_knows_scales_bounds_and_grains(rules: RulesFolder) -> None:
    catalogue = load_catalogue(rules.path)
    assert {name: fact.scale for name, fact in catalogue.items() if fact.scale} == {
        "growth_rate": 4,
        "revenue": 2,
        "loan_principal": 2,
    }
    assert catalogue.grains == ("firm", "loan")
    assert [fact.name for fact in catalogue.of_grain("loan")] == ["loan_principal"]
    growth = catalogue[next(iter(catalogue.keys() & {"growth_rate"}))]
    assert (growth.minimum, growth.maximum, growth.type) == (Decimal(-1), Decimal("10.5"), FactType.DECIMAL)


def test_sources_say_where_parameters_and_definitions_come_from(rules: RulesFolder) -> None:
    sources = load_rules(rules.path).sources
    assert {name: source.reference for name, source in sources.items()} == {
        "target": "某文件第一条",
        "large_staff": "某办法",
        "closed_codes": "某目录",
        "is_large": "某办法第二条",
        "is_open": "某目录",
    }


def test_definitions_may_stand_in_any_order_and_file(rules: RulesFolder) -> None:
    rules.write(
        "definitions/earlier.toml", '[all_good]\nlabel = "好"\nreference = "某"\nformula = "is_open and not arrears"\n'
    )
    rules.spoil(POLICY_FILE, 'when = "is_open"', 'when = "all_good"')
    condition = load_rules(rules.path).policies[SOME].versions[0].conditions[0]
    assert facts_read(condition.when.node) == {"industry", "employees", "arrears"}


def test_a_name_inside_a_string_is_not_a_use(rules: RulesFolder) -> None:
    rules.write(
        "definitions/more.toml",
        '[first]\nlabel = "一"\nreference = "某"\nformula = "industry == \'second\'"\n'
        "[second]\nlabel = '二'\nreference = '某'\nformula = \"industry == 'my second' or first\"\n",
    )
    assert rules.defects() == []


def test_a_loan_policy_reads_firm_facts_too(rules: RulesFolder) -> None:
    rules.spoil(POLICY_FILE, 'period = "year"', 'period = "year"\nper = "loan"')
    rules.spoil(POLICY_FILE, "growth_rate >= target", "loan_principal > 0 and growth_rate >= target")
    policy = load_rules(rules.path).policies[SOME]
    assert (policy.grain, policy.per_firm) == ("loan", False)


def test_in_force_gives_each_policy_with_the_version_of_the_day(rules: RulesFolder) -> None:
    book = load_rules(rules.path)
    labels = {
        day: [version.label for _, version in book.in_force(day)]
        for day in (date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31), date(2026, 1, 1))
    }
    assert labels == {
        date(2024, 12, 31): [],
        date(2025, 1, 1): ["2025-01-01"],
        date(2025, 12, 31): ["2025-01-01"],
        date(2026, 1, 1): ["2026-01-01"],
    }


def test_policy_files_are_those_that_are_nothing_else(rules: RulesFolder) -> None:
    assert [path.relative_to(rules.path).as_posix() for path in policy_files(rules.path)] == [POLICY_FILE]


def test_two_files_with_one_policy_id_are_refused(rules: RulesFolder) -> None:
    rules.write("000000/some-grant.toml", rules.read(POLICY_FILE))
    assert rules.defects() == [
        f"{POLICY_FILE}:1: `some-grant` is already defined in {rules.path.as_posix()}/000000/some-grant.toml; "
        "every name means one thing"
    ]


def test_one_name_for_a_parameter_and_a_definition_is_refused(rules: RulesFolder) -> None:
    rules.write("definitions/more.toml", '[target]\nlabel = "某"\nreference = "某"\nformula = "1"\n')
    assert rules.defects() == [
        f"definitions/more.toml:1: `target` is already defined in {rules.path.as_posix()}/{PARAMETERS_FILE}:1; "
        "every name means one thing"
    ]


@pytest.mark.parametrize("file", [FACTS_FILE, PARAMETERS_FILE, DEFINITIONS_FILE, POLICY_FILE])
def test_a_file_that_is_not_toml_is_named_with_its_line(rules: RulesFolder, file: str) -> None:
    rules.write(file, rules.read(file) + "\nx = = 1\n")
    line = rules.line(file, "x = = 1")
    [first, *_] = [defect for defect in rules.defects() if defect.startswith(f"{file}:")]
    assert first.startswith(f"{file}:{line}: not valid TOML: ")
    assert f"{file}:{line}: 不是合法的 TOML:" in "\n".join(rules.defects("zh"))


@pytest.mark.parametrize("file", [FACTS_FILE, PARAMETERS_FILE, DEFINITIONS_FILE, POLICY_FILE])
def test_a_file_that_is_not_utf_8_is_named_with_its_line(rules: RulesFolder, file: str) -> None:
    (rules.path / file).write_bytes(b"# one\n# two\n" + "# 规则".encode("gb18030") + b"\n")
    assert f"{file}:3: cannot be read: not UTF-8; save the file as UTF-8" in rules.defects()
    assert f"{file}:3: 无法读取：不是 UTF-8 编码；请另存为 UTF-8" in rules.defects("zh")


def test_a_file_that_ends_too_early_is_named_with_its_last_line(rules: RulesFolder) -> None:
    rules.write(POLICY_FILE, 'id = "some-grant"\ntitle = """\n某\n')
    [defect] = rules.defects()
    assert defect.startswith(f"{POLICY_FILE}:4: not valid TOML: ")


@pytest.mark.parametrize("key", [FACTS_FILE, POLICY_FILE])
def test_a_key_given_twice_is_not_toml(rules: RulesFolder, key: str) -> None:
    text = rules.read(key)
    rules.write(key, text.replace("label =" if key == FACTS_FILE else "title =", "x = 1\nx = 2\nlabel =", 1))
    assert any("not valid TOML: Cannot overwrite a value" in defect for defect in rules.defects())


def test_a_folder_with_the_name_of_a_file_is_one_defect(rules: RulesFolder) -> None:
    (rules.path / "370200" / "folder.toml").mkdir()
    assert rules.defects() == ["370200/folder.toml:1: cannot be read: Is a directory"]


def test_a_file_that_is_too_large_is_not_read(rules: RulesFolder) -> None:
    rules.write("370200/large.toml", "#" * (MAX_BYTES + 1))
    assert rules.defects() == [f"370200/large.toml:1: cannot be read: larger than {MAX_BYTES} bytes"]
    assert rules.defects("zh") == [f"370200/large.toml:1: 无法读取：超过 {MAX_BYTES} 字节"]


def test_a_folder_without_facts_is_not_a_repository(tmp_path: Path) -> None:
    with pytest.raises(RulesDefective) as refused:
        load_rules(tmp_path)
    assert refused.value.message("en") == (
        f"{tmp_path.as_posix()}:1: no facts.toml here; a rules repository has facts.toml and at least one policy"
    )
    assert (
        refused.value.message("zh")
        == f"{tmp_path.as_posix()}:1: 这里没有 facts.toml；规则库需有 facts.toml 和至少一项政策"
    )
    with pytest.raises(RulesDefective, match=r"no facts\.toml here"):
        load_catalogue(tmp_path)


def test_a_repository_without_policies_is_refused(rules: RulesFolder) -> None:
    (rules.path / POLICY_FILE).unlink()
    with pytest.raises(RulesDefective) as refused:
        load_rules(rules.path)
    assert refused.value.message("en").endswith(
        "no policy here; a rules repository has facts.toml and at least one policy"
    )
    assert refused.value.message("zh").endswith("这里没有政策；规则库需有 facts.toml 和至少一项政策")


def test_every_defect_is_found_at_once_in_the_order_of_files_and_lines(rules: RulesFolder) -> None:
    rules.spoil(POLICY_FILE, 'department = "某局"', "departement = 1")
    rules.spoil(POLICY_FILE, 'article = "二"', 'article = ""')
    rules.write("000000/another.toml", "x = 1")
    places = [defect.rpartition(": ")[0].split(": ")[0] for defect in rules.defects()]
    assert places == sorted(places, key=lambda place: (place.split(":")[0], int(place.split(":")[1])))
    assert {place.split(":")[0] for place in places} == {POLICY_FILE, "000000/another.toml"}
    assert len(places) == 12


def test_policies_are_judged_only_when_their_names_are_sound(rules: RulesFolder) -> None:
    rules.spoil(DEFINITIONS_FILE, "employees >=", "employee >=")
    rules.spoil(POLICY_FILE, "delivery =", "delivry =")
    assert [defect.split(":")[0] for defect in rules.defects()] == [DEFINITIONS_FILE]


def test_cases_are_not_read_when_rules_are_loaded(rules: RulesFolder) -> None:
    rules.write(CASES_FILE, "this is not TOML")
    assert rules.defects() == []


def test_a_defect_keeps_its_place_and_cause(rules: RulesFolder) -> None:
    rules.spoil(POLICY_FILE, 'article = "二"', 'article = ""')
    with pytest.raises(RulesDefective) as refused:
        load_rules(rules.path)
    [defect] = refused.value.defects
    assert isinstance(defect, RuleDefect)
    assert (defect.line, defect.error.code) == (rules.line(POLICY_FILE, 'article = ""'), "rules.missing-article")
    assert (refused.value.exit_code, refused.value.code) == (1, "rules.defective")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (PARAMETERS_FILE, "value = 0.055", "value = nan"),
        (PARAMETERS_FILE, "value = 0.055", "value = inf"),
        (PARAMETERS_FILE, "value = 0.055", "value = -inf"),
        (PARAMETERS_FILE, "value = 0.055", "value = 1e999999999"),
        (PARAMETERS_FILE, "value = 0.055", "value = 1e-999999999"),
        (PARAMETERS_FILE, '"13" = 1000', f'"13" = 1{"0" * 36}'),
        (FACTS_FILE, "maximum = 10.5", "maximum = inf"),
        (POLICY_FILE, "cap = 50000", "cap = nan"),
        (POLICY_FILE, "minimum = 100.50", "minimum = 1e36"),
    ],
)
def test_a_number_that_cannot_be_computed_with_is_refused(rules: RulesFolder, file: str, old: str, new: str) -> None:
    rules.spoil(file, old, new)
    [defect] = rules.defects()
    assert defect.startswith(f"{file}:{rules.line(file, new)}: ")
    assert "must be a number below 1e36 with at most 36 decimals, not " in defect
    assert "应为小于 1e36、最多 36 位小数的数字，而不是" in rules.defects("zh")[0]


@pytest.mark.parametrize("number", ["9" * 5_000, "1e" + "9" * 50])
def test_a_number_with_thousands_of_digits_is_refused(rules: RulesFolder, number: str) -> None:
    rules.spoil(POLICY_FILE, "cap = 50000", f"cap = {number}")
    [defect] = rules.defects()
    assert defect.startswith(f"{POLICY_FILE}:")
    assert len(defect) < 250


@pytest.mark.parametrize("key", ["confirm_days = 10", "publicity_days = 5"])
def test_a_number_of_days_has_an_upper_limit(rules: RulesFolder, key: str) -> None:
    rules.spoil(POLICY_FILE, key, f"{key.split(' ')[0]} = 10000000000000000000")
    assert "must be at most 1000000, not 10000000000000000000" in rules.defects()[0]


def test_definitions_that_double_are_refused_before_they_explode(rules: RulesFolder) -> None:
    texts = ['[d0]\nlabel = "某"\nreference = "某"\nformula = "employees"\n']
    texts += [
        f'[d{number}]\nlabel = "某"\nreference = "某"\nformula = "d{number - 1} + d{number - 1}"\n'
        for number in range(1, 40)
    ]
    rules.write("definitions/doubling.toml", "\n".join(texts))
    [defect] = rules.defects()
    assert defect.endswith("has more than 10000 parts once its definitions are written out; make it simpler")


def test_a_long_chain_of_definitions_is_refused_without_a_crash(rules: RulesFolder) -> None:
    texts = [f'[d{number}]\nlabel = "某"\nreference = "某"\nformula = "d{number + 1} + 1"\n' for number in range(2_000)]
    texts.append('[d2000]\nlabel = "某"\nreference = "某"\nformula = "employees"\n')
    rules.write("definitions/chain.toml", "\n".join(texts))
    defects = rules.defects()
    assert defects
    assert all("nests more than 100 levels deep" in defect for defect in defects)


def test_a_constant_that_is_unknown_when_the_version_begins_is_refused(rules: RulesFolder) -> None:
    rules.spoil(POLICY_FILE, "effective_from = 2025-01-01", "effective_from = 2023-12-31")
    line = rules.line(POLICY_FILE, "effective_from = 2023-12-31")
    assert rules.defects() == [
        f"{POLICY_FILE}:{line}: `target` has no value on 2023-12-31, when the version begins; date its values from "
        "then on, or begin later"
    ]
    assert rules.defects("zh") == [
        f"{POLICY_FILE}:{line}: 版本生效日 2023-12-31 时“target”没有值；请补充该日起的取值，或推迟版本生效日"
    ]


def test_inline_tables_are_as_good_as_headed_ones(rules: RulesFolder) -> None:
    head = rules.read(POLICY_FILE).partition("[[basis]]")[0]
    rules.write(
        POLICY_FILE,
        f'{head}version = [{{ amount = "0", condition = [\n  # the only one\n'
        '  { id = "a", text = "某", article = "一", when = "arrear" } ] }]\n',
    )
    line = rules.line(POLICY_FILE, '{ id = "a"')
    assert rules.defects() == [
        f"{POLICY_FILE}:{line}: fact `arrear` is not in facts.toml, and no parameter or definition has that name; did "
        "you mean `arrears`?"
    ]
