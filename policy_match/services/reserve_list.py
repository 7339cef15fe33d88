"""The reserve list of suggestions (点菜单): what staff decide about what firms would have different about policies.

Guarantees that a suggestion goes on only: into the list, into a policy, or not, and why; the last two are final. Firms
see it. Taking suggestions is `policy_reviews`.
"""

from policy_match.errors import InputError, QuestionError
from policy_match.ports import Clock, Database
from policy_match.reports.reviews import FINAL, Suggestion, SuggestionStatus, SuggestionStep
from policy_match.services.policy_reviews import MOST_LETTERS, NothingSaid
from policy_match.values import PolicyId


class NoSuchSuggestion(InputError):
    """There is no suggestion of that number."""

    code = "suggestion.unknown"
    http_status = 404
    english = "there is no suggestion {suggestion_id}; see the list of suggestions"
    chinese = "没有建议 {suggestion_id}；请见建议列表"


class SuggestionDecided(QuestionError):
    """It does not go back."""

    code = "suggestion.decided"
    english = "suggestion {suggestion_id} stands where it cannot become that; see what was decided"
    chinese = "建议 {suggestion_id} 的当前状态不能如此变更；请查看已作出的处理"


class PolicyNotNamed(InputError):
    """A suggestion is taken up into a policy, and only then one is named."""

    code = "suggestion.policy"
    english = "name the policy into which it is taken up, and only then"
    chinese = "采纳时请填写纳入的政策；其他处理不填"


def show_suggestion(database: Database, suggestion_id: int) -> Suggestion:
    """Return one suggestion. Raises `NoSuchSuggestion`."""
    with database.unit_of_work() as work:
        found = work.reviews.suggestion(suggestion_id)
    if found is None:
        raise NoSuchSuggestion(suggestion_id=suggestion_id)
    return found


def decide_suggestion(
    database: Database,
    clock: Clock,
    suggestion_id: int,
    status: SuggestionStatus,
    *,
    taken_into: PolicyId | None,
    reason: str,
    by: str,
) -> Suggestion:
    """Keep what becomes of a suggestion, and return it. `taken_into` is the policy that takes it up.

    Raises `NoSuchSuggestion`, `SuggestionDecided`, `PolicyNotNamed`, `NothingSaid` (a reason is missing or too long).
    """
    found = show_suggestion(database, suggestion_id)
    if found.status in FINAL or status in (found.status, SuggestionStatus.RECEIVED):
        raise SuggestionDecided(suggestion_id=suggestion_id)
    if (status is SuggestionStatus.TAKEN_UP) != (taken_into is not None):
        raise PolicyNotNamed
    said = reason.strip()
    if len(said) > MOST_LETTERS or (not said and status is not SuggestionStatus.RESERVED):
        raise NothingSaid(most=MOST_LETTERS, found=len(said))
    with database.unit_of_work() as work:
        step = SuggestionStep(after=status, taken_into=taken_into or "", reason=said, at=clock.now(), by=by)
        work.reviews.decide_suggestion(found, step)
        work.commit()
    return show_suggestion(database, suggestion_id)
