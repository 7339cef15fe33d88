"""What a policy says otherwise in one version than in another: conditions, amounts, values, dates and all the rest.

Guarantees that every field of a policy's text is compared, so that two versions without a difference decide and proceed
the same. Each change is told in both languages, and none is derived from how a text is written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from policy_match.cases.words import Words
from policy_match.expressions.nodes import Definition
from policy_match.notices.saying import BENEFIT_WORDS
from policy_match.policy.model import Condition, Expression, Policy, PolicyVersion
from policy_match.policy.words import (
    ALLOCATION_WORDS,
    DELIVERY_WORDS,
    LIMITED_STAGE_WORDS,
    PAYEE_WORDS,
    RHYTHM_WORDS,
    SILENCE_WORDS,
    STACKING_WORDS,
    STILL_WORDS,
)
from policy_match.sweep.version_text import ExpressionText, ParameterText, read_expression
from policy_match.values import Money

MOST_VALUES_TOLD = 20
"""So many values of a table are named; of longer ones, how many differ."""

Side = tuple[Policy, PolicyVersion]


class ChangeKind(StrEnum):
    """What happened to a part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Part(StrEnum):
    """The parts of a policy, in the order in which they are told."""

    PERIOD = "period"
    CONDITION = "condition"
    AMOUNT = "amount"
    PARAMETER = "parameter"
    DEFINITION = "definition"
    LIMIT = "limit"
    PROCESS = "process"
    BUDGET = "budget"
    STACKING = "stacking"
    INSTALMENT = "instalment"
    BASIS = "basis"
    POLICY = "policy"


PART_WORDS: Mapping[Part, Words] = {
    Part.PERIOD: Words("施行期限", "in force"),
    Part.CONDITION: Words("条件", "condition"),
    Part.AMOUNT: Words("金额", "amount"),
    Part.PARAMETER: Words("标准数值", "value"),
    Part.DEFINITION: Words("定义", "definition"),
    Part.LIMIT: Words("限额", "limit"),
    Part.PROCESS: Words("办理程序", "process"),
    Part.BUDGET: Words("资金渠道", "fund"),
    Part.STACKING: Words("叠加规则", "stacking"),
    Part.INSTALMENT: Words("分期", "instalments"),
    Part.BASIS: Words("依据文件", "basis"),
    Part.POLICY: Words("基本信息", "policy"),
}

KIND_WORDS: Mapping[ChangeKind, Words] = {
    ChangeKind.ADDED: Words("新增", "added"),
    ChangeKind.REMOVED: Words("删除", "removed"),
    ChangeKind.CHANGED: Words("修改", "changed"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionChange:
    """One thing that is said otherwise. `name` is the id of a condition, the name of a value, or the field.

    `before` and `after` are what it says; `None` where the version does not have it. `articles` are those of a
    condition, the earlier version's first.
    """

    part: Part
    kind: ChangeKind
    name: str
    what: Words
    before: Words | None
    after: Words | None
    articles: tuple[str, ...] = ()


def version_changes(before: Side, after: Side) -> Sequence[VersionChange]:
    """Return all that `after` says otherwise than `before`, by part; none for versions that say the same."""
    order = list(Part)
    found = [
        *_fields(before, after),
        *_conditions(before[1], after[1]),
        *_expressions(before[1], after[1]),
    ]
    return sorted(found, key=lambda each: order.index(each.part))


def _same(text: str) -> Words:
    return Words(text, text)


def _change(
    part: Part, name: str, what: Words, old: Words | None, new: Words | None, articles: tuple[str, ...] = ()
) -> Iterator[VersionChange]:
    if old == new:
        return
    kind = ChangeKind.ADDED if old is None else ChangeKind.REMOVED if new is None else ChangeKind.CHANGED
    yield VersionChange(part=part, kind=kind, name=name, what=what, before=old, after=new, articles=articles)


# Conditions, amounts and what they read ------------------------------------------------------------------------


def _conditions(before: PolicyVersion, after: PolicyVersion) -> Iterator[VersionChange]:
    old = {each.id: each for each in before.conditions}
    new = {each.id: each for each in after.conditions}
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name), new.get(name)
        articles = tuple(dict.fromkeys(each.article for each in (was, now) if each is not None))
        if was is None or now is None:
            here = was or now
            assert here is not None, "one side has it"
            what = Words(f"条件“{here.text}”", f"condition “{here.text_en or here.text}”")
            yield from _change(Part.CONDITION, name, what, _told(was), _told(now), articles)
            continue
        what = Words(f"条件“{now.text}”", f"condition “{now.text_en or now.text}”")
        pairs = (
            (Words("的表述", ": its words"), (was.text, was.text_en), (now.text, now.text_en)),
            (Words("的条款", ": its article"), (was.article, ""), (now.article, "")),
        )
        for field, earlier, later in pairs:
            of = Words(what.zh + field.zh, what.en + field.en)
            yield from _change(Part.CONDITION, name, of, _pair(earlier), _pair(later), articles)

        of = Words(f"{what.zh}的规则", f"{what.en}: its rule")
        yield from _rule(Part.CONDITION, name, of, was.when, now.when, articles)


def _pair(texts: tuple[str, str]) -> Words:
    return Words(texts[0], texts[1] or texts[0])


def _told(condition: Condition | None) -> Words | None:
    if condition is None:
        return None
    rule, article = condition.when.text, condition.article
    return Words(
        f"{condition.text}({article}；规则 {rule})", f"{condition.text_en or condition.text} ({article}; rule {rule})"
    )


def _rule(
    part: Part, name: str, what: Words, was: Expression | None, now: Expression | None, articles: tuple[str, ...] = ()
) -> Iterator[VersionChange]:
    """Yield that a rule is another one; another value of what it names is told for itself."""
    if was is None or now is None:
        old, new = (None if each is None else _same(each.text) for each in (was, now))
        yield from _change(part, name, what, old, new, articles)
    elif was.text != now.text and read_expression(was).shape != read_expression(now).shape:
        yield from _change(part, name, what, _same(was.text), _same(now.text), articles)


def _expressions(before: PolicyVersion, after: PolicyVersion) -> Iterator[VersionChange]:
    computed, least = Words("金额算法", "how the amount is computed"), Words("起付金额", "the least amount")
    yield from _rule(Part.AMOUNT, "amount", computed, before.amount, after.amount)
    yield from _rule(Part.AMOUNT, "cap", Words("金额上限", "the most"), before.cap, after.cap)
    yield from _change(Part.AMOUNT, "minimum", least, _yuan(before.minimum.fen), _yuan(after.minimum.fen))
    old, new = _written(before), _written(after)
    yield from _parameters([read_expression(each) for each in old], [read_expression(each) for each in new])
    yield from _definitions(old, new)


def _written(version: PolicyVersion) -> Sequence[Expression]:
    cap = () if version.cap is None else (version.cap,)
    return [*(each.when for each in version.conditions), version.amount, *cap]


def _parameters(old: Sequence[ExpressionText], new: Sequence[ExpressionText]) -> Iterator[VersionChange]:
    was: Mapping[str, ParameterText] = {name: text for each in old for name, text in each.parameters.items()}
    now: Mapping[str, ParameterText] = {name: text for each in new for name, text in each.parameters.items()}
    for name in sorted(was.keys() & now.keys()):
        earlier, later = dict(was[name].dated), dict(now[name].dated)
        for day in sorted(earlier.keys() | later.keys()):
            what = Words(f"“{name}”自 {day.isoformat()} 起", f"`{name}` from {day.isoformat()} on")
            yield from _change(Part.PARAMETER, name, what, *_values(earlier.get(day), later.get(day)))


def _values(was: Any, now: Any) -> tuple[Words | None, Words | None]:
    """Return what two values say; of two tables only the rows that differ."""
    if _is_table(was) and _is_table(now):
        old, new = dict(was), dict(now)
        other = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
        return _rows(old, other), _rows(new, other)
    if isinstance(was, tuple) and isinstance(now, tuple) and not _is_table(was) and not _is_table(now):
        gone, come = [each for each in was if each not in now], [each for each in now if each not in was]
        if gone or come:
            return _some(gone), _some(come)
    return _value(was), _value(now)


def _is_table(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and all(isinstance(each, tuple) for each in value)


def _rows(table: Mapping[str, Any], keys: Sequence[str]) -> Words:
    return _some([f"{key}: {_plain(table[key])}" for key in keys if key in table])


def _some(texts: Sequence[Any]) -> Words:
    shown = [_plain(each) for each in texts[:MOST_VALUES_TOLD]]
    more = len(texts) - len(shown)
    zh, en = "、".join(shown) or "无", ", ".join(shown) or "none"
    return Words(f"{zh}等，另有 {more} 项", f"{en} and {more} more") if more else Words(zh, en)


def _value(value: Any) -> Words | None:
    match value:
        case None:
            return None
        case bool():
            return Words("是", "yes") if value else Words("否", "no")
        case tuple() if _is_table(value):
            return _rows(dict(value), [key for key, _ in value])
        case tuple():
            return _some(value)
        case _:
            return _same(_plain(value))


def _plain(value: Any) -> str:
    match value:
        case Decimal():
            return format(value.normalize(), "f")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _definitions(old: Sequence[Expression], new: Sequence[Expression]) -> Iterator[VersionChange]:
    """Yield the derived facts that both versions name, and that mean something else."""
    was, now = _bodies(old), _bodies(new)
    for name in sorted(was.keys() & now.keys()):
        if was[name].shape != now[name].shape:
            what = Words(f"“{name}”的含义", f"what `{name}` means")
            yield from _change(Part.DEFINITION, name, what, _meant(was[name]), _meant(now[name]))


def _meant(body: ExpressionText) -> Words:
    """Return of what a definition is made; a text of its own it does not have."""
    facts, mark = sorted(body.facts), body.shape[:8]
    return Words(
        f"由 {'、'.join(facts) or '常数'} 推得（定义 {mark}）", f"from {', '.join(facts) or 'constants'} ({mark})"
    )


def _bodies(expressions: Sequence[Expression]) -> Mapping[str, ExpressionText]:
    return {
        node.name: read_expression(Expression(text=node.name, node=node.body))
        for each in expressions
        for node in each.node.walk()
        if isinstance(node, Definition)
    }


# Everything else that a policy says ----------------------------------------------------------------------------


def _fields(before: Side, after: Side) -> Iterator[VersionChange]:
    old, new = _said(*before), _said(*after)
    for part, name in dict.fromkeys([*old, *new]):
        was, now = old.get((part, name)), new.get((part, name))
        what = (now or was or (Words(name, name), None))[0]
        yield from _change(part, name, what, was and was[1], now and now[1])


def _said(policy: Policy, version: PolicyVersion) -> Mapping[tuple[Part, str], tuple[Words, Words]]:
    """Return what is said outside rules, by part and field, with what it is called; unset fields are left out."""
    process, limits = policy.process, policy.limits
    found: dict[tuple[Part, str], tuple[Words, Words]] = {}

    def say(part: Part, name: str, zh: str, en: str, value: Words | None) -> None:
        if value is not None:
            found[part, name] = (Words(zh, en), value)

    say(Part.PERIOD, "effective_from", "施行日期", "first day", _same(version.in_force.first.isoformat()))
    last = version.in_force.last
    open_end = Words("长期有效", "without an end")
    say(Part.PERIOD, "effective_to", "截止日期", "last day", open_end if last is None else _same(last.isoformat()))
    say(Part.POLICY, "title", "政策名称", "title", Words(policy.title, policy.title_en or policy.title))
    say(Part.POLICY, "department", "主管部门", "department", _same(policy.department))
    say(Part.POLICY, "jurisdiction", "适用地区", "jurisdiction", _same(policy.jurisdiction))
    say(Part.POLICY, "benefit", "优惠形式", "benefit", BENEFIT_WORDS[policy.benefit])
    say(Part.POLICY, "delivery", "享受方式", "how it is given", DELIVERY_WORDS[policy.delivery])
    say(Part.POLICY, "rhythm", "享受频次", "how often", RHYTHM_WORDS[policy.rhythm])
    say(Part.POLICY, "grain", "判定对象", "what is decided", _same(policy.grain))
    say(Part.POLICY, "encoding_grade", "录入等级", "encoding grade", _same(policy.encoding_grade))
    say(Part.POLICY, "label", "版本名称", "label", _same(version.label) if version.label else None)
    for number, basis in enumerate(policy.basis, 1):
        told = " ".join(filter(None, (basis.document, basis.number, basis.url)))
        say(Part.BASIS, f"basis-{number}", f"依据文件 {number}", f"document {number}", _same(told))
    if policy.stacking is not None:
        rule = STACKING_WORDS[policy.stacking.rule]
        group = policy.stacking.group
        say(Part.STACKING, "stacking", "叠加规则", "stacking", Words(f"{group}:{rule.zh}", f"{group}: {rule.en}"))
    if policy.budget is not None:
        say(Part.BUDGET, "fund", "资金", "fund", _same(policy.budget.fund))
        say(Part.BUDGET, "allocation", "不足时的分配", "when it is short", ALLOCATION_WORDS[policy.budget.allocation])
    for share in policy.cost_shares:
        say(Part.BUDGET, f"cost-{share.line}", f"{share.line} 分担", f"{share.line} bears", _percent(share.share))
    say(Part.PROCESS, "confirm_days", "企业答复期", "time to answer", _days(process.confirm_days))
    say(Part.PROCESS, "silence", "逾期未答", "no answer", SILENCE_WORDS[process.silence])
    say(Part.PROCESS, "publicity_days", "公示期", "public display", _days(process.publicity_days))
    say(Part.PROCESS, "recheck_days", "异议复核期", "time to answer objections", _days(process.recheck_days))
    say(Part.PROCESS, "payee", "收款方", "paid to", PAYEE_WORDS[process.payee])
    days = "、".join(map(str, process.remind_days))
    remind = Words(f"剩余 {days} 个工作日时", f"{days} days before the end") if days else Words("不提醒", "none")
    say(Part.PROCESS, "remind_days", "到期前提醒", "reminders", remind)
    stages = [f"{each.role} × {each.count}" for each in process.approvals]
    from_zh = [f"{_yuan(each.from_fen).zh} 以上" if each.from_fen else "" for each in process.approvals]
    from_en = [f"from {_yuan(each.from_fen).en}" if each.from_fen else "" for each in process.approvals]
    approvals = Words(
        " → ".join(" ".join(filter(None, pair)) for pair in zip(stages, from_zh, strict=True)) or "无",
        " → ".join(" ".join(filter(None, pair)) for pair in zip(stages, from_en, strict=True)) or "none",
    )
    say(Part.PROCESS, "approvals", "审批层级", "approvals", approvals)
    letter = Words("企业须签署承诺书", "signed by the firm") if process.commitment else Words("不需要", "not asked for")
    say(Part.PROCESS, "commitment", "承诺书", "letter of commitment", letter)
    for limit in process.limits:
        words = LIMITED_STAGE_WORDS[limit.stage]
        say(Part.PROCESS, f"limit-{limit.stage}", f"{words.zh}时限", f"limit of {words.en}", _days(limit.days))
    say(Part.LIMIT, "item", "单项限额", "most per item", _money(limits.item_fen))
    say(Part.LIMIT, "year", "年度限额", "most per year", _money(limits.year_fen))
    say(Part.LIMIT, "lifetime", "累计限额", "most for ever", _money(limits.lifetime_fen))
    say(Part.LIMIT, "minimum_payout", "最低发放金额", "least that is paid", _yuan(limits.minimum_payout_fen))
    if limits.shared is not None:
        most = _yuan(limits.shared.year_fen)
        of = limits.shared.name
        say(Part.LIMIT, "shared", "共用年度限额", "shared limit per year", Words(f"{of} {most.zh}", f"{of} {most.en}"))
    if limits.retained_tax is not None:
        fact, part = limits.retained_tax.fact, _percent(limits.retained_tax.share)
        told_zh, told_en = f"不超过 {fact} 的 {part.zh}", f"at most {part.en} of {fact}"
        say(Part.LIMIT, "retained_tax", "地方留存限额", "limit by retained tax", Words(told_zh, told_en))
    if policy.prior_aid is not None:
        say(Part.LIMIT, "prior_aid", "扣除已享受的同类资金", "deducted", _some(policy.prior_aid.matters))
    for number, each in enumerate(policy.instalments, 1):
        part = _percent(each.share)
        still = STILL_WORDS[each.still] if each.still else Words("", "")
        zh = " ".join(filter(None, (part.zh, f"{each.months} 个月后", still.zh)))
        en = " ".join(filter(None, (part.en, f"after {each.months} months", still.en)))
        say(Part.INSTALMENT, f"instalment-{number}", f"第 {number} 期", f"instalment {number}", Words(zh, en))
    return found


def _days(days: int) -> Words:
    return Words(f"{days} 个工作日", f"{days} working days")


def _money(fen: int | None) -> Words | None:
    return None if fen is None else _yuan(fen)


def _yuan(fen: int) -> Words:
    return Words(f"{Money(fen)} 元", f"CNY {Money(fen)}")


def _percent(share: Decimal) -> Words:
    return _same(f"{_plain(share * 100)}%")
