"""One step for many cases: those that were ticked, or all that a filter finds, after one page that says how many.

Guarantees that what is done is what that page showed: the form brings the digest of the choice back. A small choice is
done at once, a large one in the background.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from pydantic import Field, StringConstraints, ValidationError
from werkzeug.datastructures import MultiDict

from policy_match.cases.decline_reasons import DECLINE_REASON_WORDS, DeclineReason
from policy_match.cases.history import CaseFilter
from policy_match.services.answer_cases import AnswerKind
from policy_match.services.pick_cases import NothingPicked, PickedCases, pick_cases
from policy_match.services.staff_steps import MOST_CASES
from policy_match.values import Digest
from policy_match.web.api.v1 import case_steps, cases, requests
from policy_match.web.bureau.allowed import may, reaching
from policy_match.web.bureau.cases import address_of, filters_of
from policy_match.web.bureau.many_steps import OPERATIONS, Step, words_of
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.models import Number, Query, Text
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, View
from policy_match.web.problems import NotAllowed, NotFound, Place, WrongFields
from policy_match.web.reading import query_of

PAGES = Pages(Door.BUREAU)

MOST_AT_ONCE = 500
"""More cases than these are worked on in the background."""

MOST_TICKED = 100
"""So many rows a page has, and so many can be ticked."""

MOST_SHOWN = 20
"""So many of the chosen cases are shown before they are worked on."""

ANSWERS = {Step.CONFIRM: AnswerKind.CONFIRM, Step.DECLINE: AnswerKind.DECLINE, Step.RECONSIDER: AnswerKind.RECONSIDER}
IN_BACKGROUND = frozenset({Step.EXTEND, Step.WITHDRAW})
"""The steps of which a large choice may be asked for."""


class Choice(cases.CaseCountQuery):
    """The cases that were ticked, or with `every` all that the filter finds."""

    case: Annotated[list[Number], Field(max_length=MOST_TICKED, default_factory=list)]
    every: bool = False


class ChosenQuery(Choice):
    """Which step, for which cases."""

    step: Step


class ChosenPath(Query):
    """Which step, for which cases: a choice as an address has it."""

    step: Step
    chosen: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", max_length=3000)]


class StepForm(Form):
    """What the step needs, and the digest of the choice that was looked at."""

    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    reason: Text = ""
    because: DeclineReason | None = None
    until: date | None = None


@PAGES.shows("/bureau/cases/steps", "批量办理", "A step for many cases", like="withdraw_cases")
def choose_step(call: Call, query: ChosenQuery) -> Redirect:
    """Lead to the page of the choice. Raises `NothingPicked`."""
    if not query.case and not query.every:
        raise NothingPicked
    wanted = {"case": query.case} if not query.every else {**filters_of(_filter(query)), "every": "true"}
    chosen = urlsafe_b64encode(urlencode(wanted, doseq=True).encode()).decode().rstrip("=")
    return Redirect(f"/bureau/cases/steps/{query.step}/{chosen}")


@PAGES.shows("/bureau/cases/steps/{step}/{chosen}", "确认批量办理", "Confirm a step", like="withdraw_cases")
def confirm_step(call: Call, path: ChosenPath) -> View:
    """Show how many cases are meant, which, and what is asked for before the step is taken."""
    choice = _choice(path)
    picked = _picked(call, path.step, choice)
    large = len(picked.cases) > MOST_AT_ONCE
    return View(
        "bureau/confirm_step.html",
        {
            "step": path.step,
            "words": words_of(call, path.step),
            "picked": picked,
            "first": picked.cases[:MOST_SHOWN],
            "named": Named(call),
            "large": large,
            "possible": not large or path.step in IN_BACKGROUND,
            "most_at_once": MOST_AT_ONCE,
            "most": MOST_CASES,
            "back": address_of(_filter(choice)),
            "address": f"/bureau/cases/steps/{path.step}/{path.chosen}",
            "reasons": [
                (each.value, words.zh if call.language == "zh" else words.en)
                for each, words in DECLINE_REASON_WORDS.items()
            ],
        },
    )


@PAGES.takes(
    "/bureau/cases/steps/{step}/{chosen}",
    "批量办理",
    "A step for many cases",
    like="withdraw_cases",
    again="confirm_step",
)
def take_step(call: Call, path: ChosenPath, form: StepForm) -> View | Redirect:
    """Take the step with every chosen case, or ask for it in the background."""
    choice = _choice(path)
    picked = _picked(call, path.step, choice, Digest(form.digest))
    _check_said(call, path.step, form)
    back = address_of(_filter(choice))
    if len(picked.cases) > MOST_AT_ONCE and path.step in IN_BACKGROUND:
        return Redirect(f"/bureau/work/{_asked(call, path.step, form, picked).request_id}", "work-begun")
    found = _taken(call, path.step, form, picked)
    if not found.refused:
        return Redirect(back, "steps-taken")
    lines = {each.case_id: each for each in picked.cases}
    given = {"found": found, "lines": lines, "words": words_of(call, path.step), "back": back, "named": Named(call)}
    return View("bureau/steps_taken.html", given)


def _filter(choice: Choice) -> cases.CaseCountQuery:
    """Return the filter alone."""
    return cases.CaseCountQuery.model_validate(choice.model_dump(include=set(cases.CaseCountQuery.model_fields)))


def _choice(path: ChosenPath) -> Choice:
    """Return the choice that an address names. Raises `NotFound` when it is none."""
    try:
        text = urlsafe_b64decode(path.chosen + "=" * (-len(path.chosen) % 4)).decode()
        return query_of(Choice, MultiDict(parse_qsl(text)))
    except (binascii.Error, UnicodeDecodeError, ValidationError, WrongFields):
        raise NotFound from None


def _picked(call: Call, step: Step, choice: Choice, seen: Digest | None = None) -> PickedCases:
    """Return the cases that are meant, within the reach that the step asks for. Raises `NotAllowed`."""
    if not may(call, OPERATIONS[step]):
        raise NotAllowed
    within = reaching(call, OPERATIONS[step])
    if choice.every:
        return pick_cases(call.database, cases.filter_of(within, _filter(choice)), seen=seen)
    wanted = CaseFilter(case_ids=tuple(choice.case), policies=within.policies)
    return pick_cases(call.database, wanted, seen=seen)


def _check_said(call: Call, step: Step, form: StepForm) -> None:
    """Refuse a form without what the step needs. Raises `WrongFields`."""
    needed = {"reason": step in (Step.DECLINE, Step.WITHDRAW, Step.EXTEND), "until": step is Step.EXTEND}
    missing = [name for name, needs in needed.items() if needs and not getattr(form, name)]
    if missing:
        detail = "必填" if call.language == "zh" else "is needed"
        raise WrongFields([Place(where=name, detail=detail) for name in missing])


def _taken(call: Call, step: Step, form: StepForm, picked: PickedCases) -> case_steps.StepsAnswer:
    if step in ANSWERS:
        because = form.because if step is Step.DECLINE else None
        given = case_steps.GivenAnswers(
            case_ids=picked.case_ids, answer=ANSWERS[step], reason=form.reason, because=because
        )
        return case_steps.answer_cases(call, given)
    if step is Step.EXTEND:
        assert form.until is not None, "it was checked"
        more = case_steps.MoreTime(case_ids=picked.case_ids, until=form.until, reason=form.reason)
        return case_steps.extend_cases(call, more)
    return case_steps.withdraw_cases(call, case_steps.TakenBack(case_ids=picked.case_ids, reason=form.reason))


def _asked(call: Call, step: Step, form: StepForm, picked: PickedCases) -> requests.RequestItem:
    if step is Step.EXTEND:
        assert form.until is not None, "it was checked"
        more = requests.ManyExtensions(case_ids=picked.case_ids, until=form.until, reason=form.reason)
        return requests.request_extension(call, more).body
    return requests.request_withdrawal(
        call, requests.ManyWithdrawals(case_ids=picked.case_ids, reason=form.reason)
    ).body
