"""How a decision and the way of a case are told to a firm: facts with their values, a formula in words, the steps.

Guarantees the same values as every other page, `portal.telling`; it decides nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policy_match.cases.model import Event
from policy_match.facts.catalogue import FactCatalogue
from policy_match.payments.accounts import AccountSource
from policy_match.policy.model import RuleBook
from policy_match.supervision.stages import Party
from policy_match.values import FactName
from policy_match.web.api.v1.decisions import ConditionItem, DecisionAnswer, FactItem, ValueItem
from policy_match.web.api.v1.firm_case_answers import FirmCaseAnswer, FirmStepItem, NextStepAnswer, titles_of
from policy_match.web.call import Call
from policy_match.web.enterprise.formulas import in_words
from policy_match.web.enterprise.outlook import is_told
from policy_match.web.portal.saying import Saying
from policy_match.web.portal.telling import money_in_words, value_in_words

SETBACKS = frozenset(
    {
        Event.DECLINE,
        Event.LAPSE,
        Event.REJECT,
        Event.OBJECT,
        Event.UPHOLD,
        Event.BOUNCE,
        Event.WITHDRAW,
        Event.CLAIM_BACK,
    }
)
"""Events after which the case is not where the firm would have it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FactLine:
    """A fact as it is shown."""

    name: str
    label: str
    value: str
    is_known: bool
    source: str
    observed: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConditionLine:
    """A condition with the facts that it looked at."""

    condition: ConditionItem
    facts: tuple[FactLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A decision as it is shown: its conditions, and the formula in words with its sum and cap, empty without them."""

    conditions: tuple[ConditionLine, ...]
    amount_facts: tuple[FactLine, ...]
    formula: str
    rounded: str
    cap: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Milestone:
    """One step of the way, as the macro `steps` shows it."""

    state: str
    name: str
    when: str = ""
    about: str = ""


def tell(decision: DecisionAnswer, rules: RuleBook, say: Saying) -> Told:
    """Return a decision as it is shown."""
    lines = {fact.name: fact_line(fact, rules.catalogue, say) for fact in decision.facts}
    read = {name for condition in decision.conditions for name in condition.facts}
    arithmetic = decision.arithmetic
    labels = {value.name: _label(value, rules, say) for value in decision.values}
    labels |= {line.name: line.label for line in lines.values()}
    return Told(
        conditions=tuple(
            ConditionLine(condition=condition, facts=tuple(lines[name] for name in condition.facts if name in lines))
            for condition in decision.conditions
        ),
        amount_facts=tuple(line for line in lines.values() if line.name not in read),
        formula="" if arithmetic is None else in_words(arithmetic.formula, labels, say),
        rounded="" if arithmetic is None else money_in_words(arithmetic.rounded, say),
        cap="" if arithmetic is None or arithmetic.cap is None else money_in_words(arithmetic.cap, say),
    )


def _label(value: ValueItem, rules: RuleBook, say: Saying) -> str:
    """Return what a parameter or definition is called; rules that have it no more know no English for it."""
    known = rules.sources.get(value.name)
    return say(value.label, (known.label_en if known is not None else "") or value.label)


def title_teller(call: Call) -> Callable[[str], str]:
    """Return what gives the title of a policy in the language of the page."""
    say = Saying(call.language)

    def title(policy_id: str) -> str:
        zh, en = titles_of(call, policy_id)
        return say(zh, en or zh)

    return title


def source_words(say: Saying) -> Mapping[str, str]:
    """Return the words for who stated an account."""
    return {source.value: say.word(source) for source in AccountSource}


def fact_line(fact: FactItem, catalogue: FactCatalogue, say: Saying) -> FactLine:
    """Return one fact as it is shown."""
    known = catalogue.get(FactName(fact.name))
    label_en = known.label_en if known is not None else ""
    return FactLine(
        name=fact.name,
        label=say(fact.label, label_en or fact.label),
        value=value_in_words(fact.value, known, say),
        is_known=fact.value is not None,
        source=fact.source,
        observed=fact.observed,
    )


def way(file: FirmCaseAnswer, say: Saying) -> Sequence[Milestone]:
    """Return the way of a case: what happened, what it waits for now, and what is still to come."""
    matched = say("数据比对符合条件", "The data match")
    found = [Milestone(state="past", name=matched, when=say.moment(file.opened_at))]
    # The program closes what it only told of: that is no step for the firm, which has its own part to do.
    found += [_past(step, say) for step in file.steps if not (is_told(file.case) and step.event is Event.CLOSE)]
    here = None if is_told(file.case) else file.next_step
    if here is not None:
        found.append(Milestone(state="now", name=here.text, when=_until(here, say), about=_who(file, say)))
    stage = None if here is None else here.stage
    found += [Milestone(state="ahead", name=say.word(each)) for each in file.ahead if each is not stage]
    return found


def _until(here: NextStepAnswer, say: Saying) -> str:
    if here.by is None:
        return ""
    last = say.day(here.by)
    if here.is_late:
        return say(f"已超过通常时限（{last}）", f"later than usual ({last})")
    return say(f"一般于 {last} 前", f"usually by {last}") if here.is_usual else say(f"截止 {last}", f"until {last}")


def _past(step: FirmStepItem, say: Saying) -> Milestone:
    about = [step.reason] if step.reason else []
    if step.amount_fen is not None:
        about.append(say(f"金额为 {say.yuan(step.amount_fen)}", f"the amount is {say.yuan(step.amount_fen)}"))
    return Milestone(
        state="bad" if step.event in SETBACKS else "past",
        name=step.text,
        when=say.moment(step.at),
        about=say(";", "; ").join(about),
    )


def _who(file: FirmCaseAnswer, say: Saying) -> str:
    if file.next_step is None:
        return ""
    if file.next_step.party is Party.FIRM:
        return say("等您办理", "it is your turn")
    who = say.word(file.next_step.party)
    return say(f"由{who}办理", f"by {who}")
