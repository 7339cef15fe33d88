"""How firms rate what they were paid: bad grades that wait for an answer, all ratings, and the averages."""

from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.reports.model import FEWEST_FIRMS
from policy_match.web.api.v1 import ratings as api
from policy_match.web.api.v1.cases import CaseId
from policy_match.web.bureau.allowed import may
from policy_match.web.bureau.named import Named
from policy_match.web.call import Call
from policy_match.web.models import BLANK
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, Table, View

PAGES = Pages(Door.BUREAU)

PER_PAGE = 50


class ListQuery(api.RatingQuery):
    """Which ratings; without a word those that wait for an answer."""

    limit: Annotated[int, Field(ge=1, le=PER_PAGE)] = PER_PAGE
    waiting: bool = True


class AnswerForm(Form):
    """What was found, and done."""

    text: Annotated[str, StringConstraints(max_length=2000, pattern=rf"^[^\x00]*[^{BLANK}][^\x00]*$")]


@PAGES.shows("/bureau/ratings", "好差评", "Ratings", like="list_ratings", tables=(Table("ratings", api.list_ratings),))
def rating_list(call: Call, query: ListQuery) -> View:
    """List ratings, those that wait for an answer at first, and the averages."""
    return View(
        "bureau/ratings.html",
        {
            "query": query,
            "found": api.list_ratings(call, query),
            "averages": api.show_rating_averages(call),
            "named": Named(call),
            "fewest": FEWEST_FIRMS,
        },
    )


@PAGES.shows("/bureau/ratings/{case_id}", "服务评价", "Rating", like="show_rating")
def rating(call: Call, path: CaseId) -> View:
    """Show one rating, and answer it."""
    given = {"found": api.show_rating(call, path), "named": Named(call)}
    return View("bureau/rating.html", {**given, "may_answer": may(call, "answer_rating")})


@PAGES.takes("/bureau/ratings/{case_id}", "答复评价", "Answer", like="answer_rating", again="rating")
def answer_rating(call: Call, path: CaseId, form: AnswerForm) -> Redirect:
    """Answer a rating."""
    api.answer_rating(call, path, api.RatingReply(text=form.text))
    return Redirect(f"/bureau/ratings/{path.case_id}", "rating-answered")
