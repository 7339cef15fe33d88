"""Reviews of policies: which ones somebody should look at, naming who does, what was found, and what follows."""

from typing import Annotated

from pydantic import StringConstraints

from policy_match.reports.reviews import OUTCOME_WORDS, SIGN_WORDS, ReviewOutcome
from policy_match.services.policy_reviews import MOST_ANSWER_LETTERS
from policy_match.web.api.v1 import reviews as api
from policy_match.web.bureau.allowed import may
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.models import Name
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View

PAGES = Pages(Door.BUREAU)


class OpenForm(Form):
    """Who is to look at which policy."""

    policy: Name
    owner: Name


class AnswerForm(Form):
    """What the owner found."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MOST_ANSWER_LETTERS)]


class DecideForm(Form):
    """What follows, and why."""

    outcome: ReviewOutcome
    reason: Annotated[str, StringConstraints(min_length=1, max_length=2000)]


@PAGES.shows(
    "/bureau/reviews",
    "政策评估",
    "Reviews",
    like="list_reviews",
    collects=True,
    tables=(Table("reviews", api.list_reviews, "policies"),),
)
def review_list(call: Call, query: api.DaysQuery) -> View:
    """List the policies with a sign, or with a review that is not decided."""
    given = {"query": query, "found": api.list_reviews(call, query), "named": Named(call), "signs": _signs(call)}
    return View("bureau/reviews.html", {**given, "may_open": may(call, "open_review")})


@PAGES.takes("/bureau/reviews", "发起评估", "Open a review", like="open_review", again="review_list")
def open_review(call: Call, form: OpenForm) -> Redirect:
    """Name who is to look at a policy."""
    made = api.open_review(call, api.NewReview(policy=form.policy, owner=form.owner))
    return Redirect(f"/bureau/reviews/{made.body.review_id}", "review-opened")


@PAGES.shows("/bureau/reviews/{review_id}", "政策评估", "Review", like="show_review")
def review(call: Call, path: api.ReviewKey) -> View:
    """Show one review, and what is to be said next."""
    found = api.show_review(call, path)
    return View(
        "bureau/review.html",
        {
            "found": found,
            "named": Named(call),
            "signs": _signs(call),
            "outcomes": [(each.value, _words(call, OUTCOME_WORDS[each])) for each in ReviewOutcome],
            "may_answer": found.answer is None and found.owner == call.by,
            "may_decide": found.answer is not None and found.decision is None and may(call, "decide_review"),
        },
    )


@PAGES.takes("/bureau/reviews/{review_id}/answer", "提交评估意见", "Answer", like="answer_review", again="review")
def answer_review(call: Call, path: api.ReviewKey, form: AnswerForm) -> Redirect:
    """Say what was found, as the owner."""
    api.answer_review(call, path, api.Answering(text=form.text))
    return Redirect(f"/bureau/reviews/{path.review_id}", "review-answered")


@PAGES.takes("/bureau/reviews/{review_id}/decision", "评估结论", "Decide", like="decide_review", again="review")
def decide_review(call: Call, path: api.ReviewKey, form: DecideForm) -> Redirect:
    """Decide what follows."""
    api.decide_review(call, path, api.Deciding(outcome=form.outcome, reason=form.reason))
    return Redirect(f"/bureau/reviews/{path.review_id}", "review-decided")


def _signs(call: Call) -> dict[str, str]:
    return {sign.value: _words(call, words) for sign, words in SIGN_WORDS.items()}


def _words(call: Call, words: tuple[str, str]) -> str:
    return words[0] if call.language == "zh" else words[1]
