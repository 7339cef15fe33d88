"""The review list of policies: signs that somebody should look, who does, and what follows.

Guarantees that a policy has one review at a time with a named owner, that the signs are kept as they were found, and
that who answers does not decide. What a sign is, is `reports.reviews`.
"""

from collections.abc import Collection, Mapping, Sequence

from policy_match.cases.approval import FIRM_PREFIX, SYSTEM
from policy_match.cases.decline_reasons import DeclineReason
from policy_match.errors import InputError, QuestionError
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.reports.counts import ENDED_WINDOWS, PLACES, vector_of
from policy_match.reports.model import Bundle, Cut, EndState, Span
from policy_match.reports.reviews import (
    MOST_MISSING,
    PolicyCounts,
    Review,
    ReviewAnswer,
    ReviewDecision,
    ReviewLine,
    ReviewOutcome,
    Suggestion,
    SuggestionStatus,
    findings,
    is_often_open,
)
from policy_match.values import PolicyId

MOST_LETTERS = 2_000
MOST_ANSWER_LETTERS = 4_000
MOST_SUBJECT = 100
MOST_SUGGESTIONS = 10_000
"""The largest page of suggestions."""


class NoSuchPolicy(InputError):
    """No sweep ever decided a policy of that id."""

    code = "report.policy"
    http_status = 404
    english = "no sweep decided a policy `{policy}`; see `policy-match sweeps list`"
    chinese = "没有判定过政策“{policy}”；请见 policy-match sweeps list"


class NothingSaid(InputError):
    """A text is empty or too long."""

    code = "report.text"
    english = "write between 1 and {most} characters, not {found}"
    chinese = "内容须为 1 至 {most} 个字，现为 {found} 个字"


class SubjectNotNamed(InputError):
    """A suggestion is about a policy, or says what there is none for."""

    code = "suggestion.subject"
    english = "name the policy, or, where there is none, say in at most {most} characters what is asked for; not both"
    chinese = "请选择政策；没有对应政策的，请用不超过 {most} 个字写明希望出台的政策。两者只填一项"


class NoSuchReview(InputError):
    """There is no review of that number."""

    code = "review.unknown"
    http_status = 404
    english = "there is no review {review}; see `policy-match report reviews`"
    chinese = "没有评估 {review}；请见 policy-match report reviews"


class ReviewOpen(QuestionError):
    """The policy has a review that is not decided."""

    code = "review.open"
    english = "policy `{policy}` has review {review}, which {owner} owns and which is not decided; decide it first"
    chinese = "政策“{policy}”的评估 {review}（负责人 {owner}）尚未办结；请先办结"


class ReviewNotOpen(QuestionError):
    """A review is not where this step begins."""

    code = "review.step"
    english = "review {review} {state}; see `policy-match report reviews`"
    chinese = "评估 {review} {state_zh}；请见 policy-match report reviews"


class NotTheOwner(QuestionError):
    """Only its owner answers a review, and somebody else decides."""

    code = "review.person"
    http_status = 403
    english = "{by} may not do this in review {review}: {owner} answers it, and somebody else decides"
    chinese = "{by} 不得办理评估 {review} 的此步：由 {owner} 答复，由他人决定"


def suggest(
    database: Database,
    clock: Clock,
    policy: PolicyId | None,
    text: str,
    *,
    subject: str = "",
    department: str = "",
    by: str,
) -> int:
    """Keep what somebody would have different about a policy, or asks for where there is none; return the number.

    Without a policy, `subject` says what is asked for, and `department` may name which is thought responsible. `by` is
    `firm:<code>` or a member of staff. Raises `NoSuchPolicy`, `SubjectNotNamed` or `NothingSaid`.
    """
    said, subject, department = _text(text, MOST_LETTERS), " ".join(subject.split()), " ".join(department.split())
    named = policy is not None
    if named == bool(subject) or (named and department) or max(len(subject), len(department)) > MOST_SUBJECT:
        raise SubjectNotNamed(most=MOST_SUBJECT)
    with database.unit_of_work() as work:
        if policy is not None:
            number = work.reviews.suggest(policy, said, at=clock.now(), by=by)
        else:
            number = work.reviews.ask_for_policy(subject, department, said, at=clock.now(), by=by)
        if number is None:
            raise NoSuchPolicy(policy=policy)
        work.commit()
    return number


def list_suggestions(
    database: Database,
    policy: PolicyId | None = None,
    *,
    policies: Collection[PolicyId] | None = None,
    status: SuggestionStatus | None = None,
    new: bool | None = None,
    after: int = 0,
    most: int = 100,
) -> Sequence[Suggestion]:
    """Return a page of suggestions by number, of one policy, of some, or of all, and in one status or all.

    With `new` those alone that ask for a policy that there is not; with `False` those alone about policies.
    """
    assert 0 < most <= MOST_SUGGESTIONS
    with database.unit_of_work() as work:
        return work.reviews.suggestions(policy, policies=policies, status=status, new=new, after=after, most=most)


def show_review(database: Database, review_id: int) -> Review:
    """Return one review. Raises `NoSuchReview`."""
    with database.unit_of_work() as work:
        return _review(work, review_id)


def review_list(database: Database, clock: Clock, span: Span) -> Sequence[ReviewLine]:
    """Return the policies with a sign, or with a review that is not decided; those with most signs first.

    Cases are those that fell due in `span`; decisions are of the newest sweep, suggestions since the last review began.
    """
    with database.unit_of_work() as work:
        found = _signs(work, clock, span)
        reviews = {review.policy_id: review for review in work.reviews.latest()}
    lines = [
        ReviewLine(
            policy_id=policy, findings=findings(found.get(policy, PolicyCounts(policy_id=policy))), review=review
        )
        for policy, review in ((policy, reviews.get(policy)) for policy in found.keys() | reviews.keys())
    ]
    listed = [line for line in lines if line.findings or (line.review and line.review.decision is None)]
    return sorted(listed, key=lambda line: (-len(line.findings), line.policy_id))


def open_review(database: Database, clock: Clock, policy: PolicyId, span: Span, *, owner: str, by: str) -> Review:
    """Name who is to look at a policy, and keep its signs as they are. Raises `NoSuchPolicy`, `ReviewOpen`."""
    with database.unit_of_work() as work:
        work.reviews.claim()
        counts = _signs(work, clock, span).get(policy)
        if counts is None:
            raise NoSuchPolicy(policy=policy)
        for review in work.reviews.latest():
            if review.policy_id == policy and review.decision is None:
                raise ReviewOpen(policy=policy, review=review.review_id, owner=review.owner)
        number = work.reviews.open(policy, findings(counts), span, owner=owner, at=clock.now(), by=by)
        opened = _review(work, number)
        work.commit()
    return opened


def answer_review(database: Database, clock: Clock, review_id: int, text: str, *, by: str) -> Review:
    """Keep what the owner says. Raises `NoSuchReview`, `ReviewNotOpen`, `NotTheOwner`, `NothingSaid`."""
    said = _text(text, MOST_ANSWER_LETTERS)
    with database.unit_of_work() as work:
        work.reviews.claim()
        review = _review(work, review_id)
        if review.answer is not None:
            raise ReviewNotOpen(review=review_id, state="was answered", state_zh="已答复")
        if by != review.owner:
            raise NotTheOwner(by=by, review=review_id, owner=review.owner)
        work.reviews.answer(review_id, ReviewAnswer(text=said, at=clock.now(), by=by))
        answered = _review(work, review_id)
        work.commit()
    return answered


def decide_review(
    database: Database, clock: Clock, review_id: int, outcome: ReviewOutcome, *, reason: str, by: str
) -> Review:
    """Keep what follows from a review that was answered. Raises `NoSuchReview`, `ReviewNotOpen`, `NotTheOwner`."""
    said = _text(reason, MOST_LETTERS)
    with database.unit_of_work() as work:
        work.reviews.claim()
        review = _review(work, review_id)
        if review.answer is None or review.decision is not None:
            state = ("was decided", "已决定") if review.decision else ("has no answer yet", "尚未答复")
            raise ReviewNotOpen(review=review_id, state=state[0], state_zh=state[1])
        if by == review.answer.by or by == SYSTEM or by.startswith(FIRM_PREFIX):
            raise NotTheOwner(by=by, review=review_id, owner=review.owner)
        decision = ReviewDecision(outcome=outcome, reason=said, at=clock.now(), by=by)
        work.reviews.decide(review_id, decision)
        decided = _review(work, review_id)
        work.commit()
    return decided


def _review(work: UnitOfWork, review_id: int) -> Review:
    review = work.reviews.review(review_id)
    if review is None:
        raise NoSuchReview(review=review_id)
    return review


def _text(text: str, most: int) -> str:
    said = text.strip()
    if not 0 < len(said) <= most:
        raise NothingSaid(most=most, found=len(said))
    return said


def _signs(work: UnitOfWork, clock: Clock, span: Span) -> Mapping[PolicyId, PolicyCounts]:
    """Return what the signs of every policy that was ever swept rest on."""
    work.reports.collect(span, clock.now())
    bundles: dict[str, list[Bundle]] = {}
    for bundle in work.reports.counts(Cut.POLICY).bundles:
        bundles.setdefault(bundle.group, []).append(bundle)
    unreached = work.reviews.unreached()
    suggestions = work.reviews.new_suggestions()
    decided = work.reviews.decided_rows()
    often_open = [each for each in decided if is_often_open(each.undetermined, each.rows)]
    missing = work.reviews.missing_facts(often_open, MOST_MISSING) if often_open else {}
    return {
        each.policy_id: PolicyCounts(
            policy_id=each.policy_id,
            eligible=_sum(bundles.get(each.policy_id, ()), "eligible"),
            windows_ended=_sum(bundles.get(each.policy_id, ()), *ENDED_WINDOWS),
            declined=_sum(bundles.get(each.policy_id, ()), EndState.DECLINED.value),
            reasons=_reasons(bundles.get(each.policy_id, ())),
            upheld=_sum(bundles.get(each.policy_id, ()), "upheld"),
            unreached=unreached.get(each.policy_id, 0),
            rows=each.rows,
            undetermined=each.undetermined,
            missing=missing.get(each.policy_id, ()),
            suggestions=suggestions.get(each.policy_id, 0),
        )
        for each in decided
    }


def _sum(bundles: Sequence[Bundle], *names: str) -> int:
    return sum(bundle.cases * vector_of(bundle.profile)[PLACES[name]] for bundle in bundles for name in names)


def _reasons(bundles: Sequence[Bundle]) -> Mapping[DeclineReason, int]:
    found = {reason: _sum(bundles, f"reason_{reason}") for reason in DeclineReason}
    return {reason: number for reason, number in found.items() if number}
