"""The sections of a policy that say how its amount is paid: what they give, and each defect in both languages."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from policy_match.policy.loader import load_rules
from policy_match.policy.model import (
    ApprovalStage,
    CostShare,
    Instalment,
    LimitedStage,
    Limits,
    PayeeKind,
    Policy,
    PriorAid,
    Process,
    RetainedTax,
    SharedLimit,
    StageLimit,
    StillTest,
)
from policy_match.values import FactName, PolicyId
from tests.support.rules_folder import POLICY, POLICY_FILE, RulesFolder

BEFORE = "[[version]]\neffective_from = 2025"
OTHER_FILE = "370200/some/other-grant.toml"
SECTIONS = """\
[limits]
year = 500_000.00
lifetime = 1_000_000
item = 100_000.5
minimum_payout = 100.00
  [limits.shared]
  name = "talent"
  year = 3_000_000.00
  [limits.retained_tax]
  fact = "revenue"
  share = 0.5

[prior_aid]
matters = ["equipment-2024", "equipment-2025"]

[[instalment]]
share = 0.6
[[instalment]]
share = 0.4
months = 12
still = "registered"

[[cost_share]]
line = "city"
share = 0.6
[[cost_share]]
line = "district"
share = 0.4

"""


def with_sections(rules: RulesFolder, sections: str) -> None:
    rules.spoil(POLICY_FILE, BEFORE, sections + "\n" + BEFORE)


def loaded(rules: RulesFolder) -> Policy:
    return load_rules(rules.path).policies[PolicyId("some-grant")]


def test_every_section_is_read(rules: RulesFolder) -> None:
    with_sections(rules, SECTIONS)
    policy = loaded(rules)
    assert policy.limits == Limits(
        item_fen=10_000_050,
        year_fen=50_000_000,
        lifetime_fen=100_000_000,
        minimum_payout_fen=10_000,
        shared=SharedLimit(name="talent", year_fen=300_000_000),
        retained_tax=RetainedTax(fact=FactName("revenue"), share=Decimal("0.5")),
    )
    assert policy.prior_aid == PriorAid(matters=("equipment-2024", "equipment-2025"))
    assert policy.instalments == (
        Instalment(share=Decimal("0.6")),
        Instalment(share=Decimal("0.4"), months=12, still=StillTest.REGISTERED),
    )
    assert policy.cost_shares == (
        CostShare(line="city", share=Decimal("0.6")),
        CostShare(line="district", share=Decimal("0.4")),
    )


def test_without_sections_nothing_is_limited_and_the_firm_is_paid_at_once(rules: RulesFolder) -> None:
    policy = loaded(rules)
    assert (policy.limits, policy.prior_aid, policy.instalments, policy.cost_shares) == (Limits(), None, (), ())
    assert (policy.process.recheck_days, policy.process.payee) == (5, PayeeKind.FIRM)


def test_a_stage_may_ask_for_several_people_from_an_amount_on(rules: RulesFolder) -> None:
    stages = '["reviewer", { role = "approver", count = 2, from = 100_000.00 }, { role = "head" }]'
    rules.spoil(POLICY_FILE, '["reviewer", "approver"]', stages)
    assert loaded(rules).process.approvals == (
        ApprovalStage(role="reviewer"),
        ApprovalStage(role="approver", count=2, from_fen=10_000_000),
        ApprovalStage(role="head"),
    )


@pytest.mark.parametrize(("delivery", "payee"), [("bank", PayeeKind.BANK), ("bill_offset", PayeeKind.UTILITY)])
def test_who_delivers_may_be_paid(rules: RulesFolder, delivery: str, payee: PayeeKind) -> None:
    rules.spoil(POLICY_FILE, 'delivery = "confirm"', f'delivery = "{delivery}"')
    rules.spoil(POLICY_FILE, "confirm_days = 10", f'confirm_days = 10\nrecheck_days = 8\npayee = "{payee}"')
    assert loaded(rules).process == replace(loaded(rules).process, recheck_days=8, payee=payee)


@pytest.mark.parametrize(("written", "read"), [("", (5, 1)), ("[]", ()), ("[9, 3, 1]", (9, 3, 1)), ("[1]", (1,))])
def test_a_firm_that_does_not_answer_is_reminded_as_the_policy_says(
    rules: RulesFolder, written: str, read: tuple[int, ...]
) -> None:
    if written:
        rules.spoil(POLICY_FILE, "confirm_days = 10", f"confirm_days = 10\nremind_days = {written}")
    assert loaded(rules).process.remind_days == read


@pytest.mark.parametrize("written", ["[10]", "[0]", "[1, 5]", "[5, 5]", '["5"]', "5", "[true]", "[6, 5, 4, 3, 2, 1]"])
def test_a_reminder_that_never_comes_or_comes_twice_is_refused(rules: RulesFolder, written: str) -> None:
    rules.spoil(POLICY_FILE, "confirm_days = 10", f"confirm_days = 10\nremind_days = {written}")
    (defect,) = rules.defects()
    assert "`remind_days` must be a list" in str(defect)


def test_the_usual_reminders_leave_the_fingerprint_as_it_was_before_there_were_any(rules: RulesFolder) -> None:
    before = [version.fingerprint for version in loaded(rules).versions]
    rules.spoil(POLICY_FILE, "confirm_days = 10", "confirm_days = 10\nremind_days = [5, 1]")
    assert [version.fingerprint for version in loaded(rules).versions] == before
    rules.spoil(POLICY_FILE, "remind_days = [5, 1]", "remind_days = [5]")
    assert all(version.fingerprint not in before for version in loaded(rules).versions)


def test_a_policy_may_want_a_letter_with_the_answer(rules: RulesFolder) -> None:
    rules.spoil(POLICY_FILE, 'silence = "accepted"', 'silence = "waived"')
    before = [version.fingerprint for version in loaded(rules).versions]
    rules.spoil(POLICY_FILE, "confirm_days = 10", "confirm_days = 10\ncommitment = false")
    assert [version.fingerprint for version in loaded(rules).versions] == before
    rules.spoil(POLICY_FILE, "commitment = false", "commitment = true")
    assert loaded(rules).process.commitment is True
    assert all(version.fingerprint not in before for version in loaded(rules).versions)


@pytest.mark.parametrize(("delivery", "silence"), [("confirm", "accepted"), ("direct", "waived")])
def test_nobody_signs_a_letter_by_silence(rules: RulesFolder, delivery: str, silence: str) -> None:
    rules.spoil(POLICY_FILE, 'delivery = "confirm"', f'delivery = "{delivery}"')
    rules.spoil(POLICY_FILE, 'silence = "accepted"', f'silence = "{silence}"\ncommitment = true')
    (defect,) = rules.defects()
    assert "nobody signs by silence" in str(defect)


def test_when_a_policy_is_reviewed_decides_nothing(rules: RulesFolder) -> None:
    assert loaded(rules).review_on is None
    before = [version.fingerprint for version in loaded(rules).versions]
    rules.spoil(POLICY_FILE, 'period = "year"', 'period = "year"\nreview_on = 2026-06-30')
    assert loaded(rules).review_on == date(2026, 6, 30)
    assert [version.fingerprint for version in loaded(rules).versions] == before


@pytest.mark.parametrize("written", ['"2026-06-30"', "2026", "2026-06-30T00:00:00"])
def test_a_review_day_is_a_date(rules: RulesFolder, written: str) -> None:
    rules.spoil(POLICY_FILE, 'period = "year"', f'period = "year"\nreview_on = {written}')
    assert "`review_on` must be a date" in str(rules.defects()[0])


def test_a_process_that_is_not_written_has_the_defaults(rules: RulesFolder) -> None:
    rules.spoil(POLICY_FILE, POLICY[POLICY.index("[process]") : POLICY.index(BEFORE)], "")
    assert loaded(rules).process == Process()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("year = 500_000.00", "year = 500_000.01"),
        ("lifetime = 1_000_000", "lifetime = 1_000_001"),
        ("item = 100_000.5", "item = 100_000.6"),
        ("minimum_payout = 100.00", "minimum_payout = 101.00"),
        ('name = "talent"', 'name = "talents"'),
        ("year = 3_000_000.00", "year = 3_000_001.00"),
        ("share = 0.5", "share = 0.51"),
        ('"equipment-2025"', '"equipment-2026"'),
        ("months = 12", "months = 13"),
        ('still = "registered"\n', ""),
        ('line = "city"', 'line = "town"'),
        ("approvals =", "recheck_days = 6\napprovals ="),
    ],
)
def test_the_fingerprint_covers_every_section(rules: RulesFolder, old: str, new: str) -> None:
    with_sections(rules, SECTIONS)
    before = [version.fingerprint for version in loaded(rules).versions]
    rules.spoil(POLICY_FILE, old, new)
    after = [version.fingerprint for version in loaded(rules).versions]
    assert all(one != other for one, other in zip(before, after, strict=True))


YUAN = "yuan with at most two decimals, above 0 and below 10000000000000"
YUAN_ZH = "大于 0、小于 10000000000000、最多两位小数的元数"
FROM_ZERO = "yuan with at most two decimals, not below 0 and below 10000000000000"
FROM_ZERO_ZH = "不低于 0、小于 10000000000000、最多两位小数的元数"


@pytest.mark.parametrize(
    ("old", "new", "english", "chinese"),
    [
        (
            "lifetime =",
            "lifetim =",
            "unknown key `lifetim`; did you mean `lifetime`?",
            "未知的键“lifetim”；是否想写“lifetime”？",
        ),
        (
            'name = "talent"',
            'nam = 1\n  name = "talent"',
            "unknown key `nam`; did you mean `name`?",
            "未知的键“nam”；是否想写“name”？",
        ),
        (
            "  share = 0.5",
            "  shar = 1\n  share = 0.5",
            "unknown key `shar`; did you mean `share`?",
            "未知的键“shar”；是否想写“share”？",
        ),
        (
            "matters = [",
            "matter = 1\nmatters = [",
            "unknown key `matter`; did you mean `matters`?",
            "未知的键“matter”；是否想写“matters”？",
        ),
        (
            "months = 12",
            "monthes = 12\nmonths = 12",
            "unknown key `monthes`; did you mean `months`?",
            "未知的键“monthes”；是否想写“months”？",
        ),
        (
            'line = "city"',
            'lin = 1\nline = "city"',
            "unknown key `lin`; did you mean `line`?",
            "未知的键“lin”；是否想写“line”？",
        ),
        (
            "year = 500_000.00",
            "year = 500_000.005",
            f"`year` must be {YUAN}, not 500000.005",
            f"“year”应为{YUAN_ZH}，而不是 500000.005",
        ),
        ("year = 500_000.00", "year = 0", f"`year` must be {YUAN}, not 0", f"“year”应为{YUAN_ZH}，而不是 0"),
        (
            "lifetime = 1_000_000",
            "lifetime = 1e13",
            f"`lifetime` must be {YUAN}, not 1E+13",
            f"“lifetime”应为{YUAN_ZH}，而不是 1E+13",
        ),
        (
            "minimum_payout = 100.00",
            "minimum_payout = -1",
            f"`minimum_payout` must be {FROM_ZERO}, not -1",
            f"“minimum_payout”应为{FROM_ZERO_ZH}，而不是 -1",
        ),
        (
            "minimum_payout = 100.00",
            "minimum_payout = 100_000.51",
            "`item` is below `minimum_payout`, so nothing would ever be paid; change one of the two",
            "item 低于 minimum_payout，永远不会发放；请修改其一",
        ),
        (
            "  year = 3_000_000.00\n",
            "",
            "`year` is missing; it is required",
            "缺少“year”；此键必填",
        ),
        (
            'fact = "revenue"',
            'fact = "revenu"',
            "`revenu` is not a money fact of the firm in facts.toml; did you mean `revenue`?",
            "“revenu”不是 facts.toml 中企业的金额类事实；是否想写“revenue”？",
        ),
        (
            'fact = "revenue"',
            'fact = "arrears"',
            "`arrears` is not a money fact of the firm in facts.toml",
            "“arrears”不是 facts.toml 中企业的金额类事实",
        ),
        (
            'fact = "revenue"',
            'fact = "loan_principal"',
            "`loan_principal` is not a money fact of the firm in facts.toml",
            "“loan_principal”不是 facts.toml 中企业的金额类事实",
        ),
        (
            "  share = 0.5",
            "  share = 50",
            "`share` must be above 0 and at most 1, not 50",
            "“share”应为大于 0 且不超过 1 的数，而不是 50",
        ),
        ("  share = 0.5\n", "", "`share` is missing; it is required", "缺少“share”；此键必填"),
        (
            '["equipment-2024", "equipment-2025"]',
            "[]",
            "`matters` is missing; name at least one matter",
            "缺少“matters”；请至少写明一个事项",
        ),
        (
            '"equipment-2025"]',
            '"equipment-2024"]',
            "`equipment-2024` is already defined in this list; every name means one thing",
            "“equipment-2024”已在本列表中定义；一个名称只能有一个含义",
        ),
        (
            "share = 0.4\nmonths",
            "share = 0.3\nmonths",
            "the shares of all [[instalment]] add up to 0.9; make them add up to exactly 1",
            "所有 [[instalment]] 的 share 之和为 0.9；请使其恰好等于 1",
        ),
        (
            '"district"\nshare = 0.4',
            '"district"\nshare = 0.5',
            "the shares of all [[cost_share]] add up to 1.1; make them add up to exactly 1",
            "所有 [[cost_share]] 的 share 之和为 1.1；请使其恰好等于 1",
        ),
        (
            "months = 12",
            "months = 0",
            "an instalment after 0 months does not come after the one before it; list them by rising `months`",
            "0 个月后的一期不晚于前一期；请按 months 递增排列",
        ),
        (
            "months = 12",
            "months = 601",
            "`months` must be at most 600, not 601",
            "“months”应为至多 600，而不是 601",
        ),
        (
            'still = "registered"',
            'still = "active"',
            "`still` cannot be 'active'; it is one of registered",
            "“still”不能是“active”；可选：registered",
        ),
        (
            'line = "district"',
            'line = "city"',
            "`city` is already defined in this policy; every name means one thing",
            "“city”已在本政策中定义；一个名称只能有一个含义",
        ),
        (
            '["reviewer", "approver"]',
            '["reviewer", ""]',
            "`approvals` is missing; a role is empty",
            "缺少“approvals”；有空白的角色",
        ),
        (
            '["reviewer", "approver"]',
            '["reviewer", { role = "approver", count = 0 }]',
            "`count` must be at least 1, not 0",
            "“count”应为至少 1，而不是 0",
        ),
        (
            '["reviewer", "approver"]',
            '["reviewer", { role = "approver", form = 5 }]',
            "unknown key `form`; did you mean `from`?",
            "未知的键“form”；是否想写“from”？",
        ),
        (
            "confirm_days = 10",
            'confirm_days = 10\npayee = "bank"',
            "`payee` 'bank' needs `delivery` 'bank', but it is 'confirm'; change one of the two",
            "payee 为“bank”时 delivery 应为“bank”，现为“confirm”；请修改其一",
        ),
        (
            "confirm_days = 10",
            'confirm_days = 10\npayee = "utility"',
            "`payee` 'utility' needs `delivery` 'bill_offset', but it is 'confirm'; change one of the two",
            "payee 为“utility”时 delivery 应为“bill_offset”，现为“confirm”；请修改其一",
        ),
    ],
)
def test_a_defect_is_named_in_both_languages(
    rules: RulesFolder, old: str, new: str, english: str, chinese: str
) -> None:
    with_sections(rules, SECTIONS)
    rules.spoil(POLICY_FILE, old, new)
    for language, message in (("en", english), ("zh", chinese)):
        (defect,) = rules.defects(language)
        assert defect.partition(": ")[2] == message


@pytest.mark.parametrize("section", ["[limits]\nshared = 5", "[limits]\nretained_tax = 5", "prior_aid = 5"])
def test_a_section_that_is_no_table_is_refused(rules: RulesFolder, section: str) -> None:
    rules.write(POLICY_FILE, rules.read(POLICY_FILE).replace("[[basis]]", f"{section}\n[[basis]]"))
    (defect,) = rules.defects("en")
    assert defect.endswith("must be a table, not a whole number")


def test_a_share_that_is_no_number_is_refused_once(rules: RulesFolder) -> None:
    with_sections(rules, '[limits.retained_tax]\nfact = "revenue"\nshare = "half"\n')
    (defect,) = rules.defects("en")
    assert defect.endswith("`share` must be a whole number or a number, not a string")


def other_policy(rules: RulesFolder, old: str, new: str) -> None:
    rules.write(OTHER_FILE, rules.read(POLICY_FILE).replace("some-grant", "other-grant").replace(old, new))


def test_a_group_has_one_rule_in_all_its_policies(rules: RulesFolder) -> None:
    other_policy(rules, 'rule = "highest"', 'rule = "additive"')
    place = f"{POLICY_FILE}:{rules.line(POLICY_FILE, 'rule =')}: "
    assert rules.defects("en") == [
        f"{place}`rule` of 'some-group' is highest here but additive in policy other-grant; it must be the same in all"
    ]
    assert rules.defects("zh") == [
        f"{place}“some-group”的 rule 在此为 highest，在政策 other-grant 中为 additive；各处必须一致"
    ]


def test_a_shared_limit_is_the_same_in_all_its_policies(rules: RulesFolder) -> None:
    with_sections(rules, SECTIONS)
    other_policy(rules, "year = 3_000_000.00", "year = 2_000_000.00")
    place = f"{POLICY_FILE}:{rules.line(POLICY_FILE, 'year = 3_000')}: "
    assert rules.defects("en") == [
        f"{place}`year` of 'talent' is 3000000.00 here but 2000000.00 in policy other-grant; it must be the same in all"
    ]


def test_policies_that_agree_may_share_a_group_and_a_limit(rules: RulesFolder) -> None:
    with_sections(rules, SECTIONS)
    other_policy(rules, "months = 12", "months = 24")
    assert rules.defects() == []


def test_a_policy_may_limit_its_stages(rules: RulesFolder) -> None:
    assert loaded(rules).process.limits == ()
    rules.spoil(POLICY_FILE, "confirm_days = 10", "confirm_days = 10\nlimits = { order = 3, review = 5 }")
    assert loaded(rules).process.limits == (
        StageLimit(stage=LimitedStage.REVIEW, days=5),
        StageLimit(stage=LimitedStage.ORDER, days=3),
    )


def test_a_limit_changes_the_fingerprint_and_none_leaves_it_as_it_was(rules: RulesFolder) -> None:
    before = [version.fingerprint for version in loaded(rules).versions]
    rules.spoil(POLICY_FILE, "confirm_days = 10", "confirm_days = 10\nlimits = {}")
    assert [version.fingerprint for version in loaded(rules).versions] == before
    rules.spoil(POLICY_FILE, "limits = {}", "limits = { review = 5 }")
    assert all(version.fingerprint not in before for version in loaded(rules).versions)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("{ reviews = 5 }", "reviews"),
        ("{ answer = 5 }", "answer"),
        ("{ review = 0 }", "`review` must be at least 1"),
        ("{ review = 251 }", "`review` must be at most 250"),
        ('{ review = "5" }', "`review` must be a whole number"),
        ("[5]", "`limits` must be a table"),
    ],
)
def test_a_limit_that_means_nothing_is_refused(rules: RulesFolder, written: str, says: str) -> None:
    rules.spoil(POLICY_FILE, "confirm_days = 10", f"confirm_days = 10\nlimits = {written}")
    (defect,) = rules.defects()
    assert says in str(defect)
