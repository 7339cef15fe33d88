"""A firm rates what it was paid (好差评), once, and reads what the department answered."""

from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.cases.ratings import GRADE_WORDS, Grade
from policy_match.web.api.v1 import firm_cases, ratings
from policy_match.web.api.v1.cases import CaseId
from policy_match.web.api.v1.ratings import NewRating
from policy_match.web.call import Call
from policy_match.web.enterprise.telling import title_teller
from policy_match.web.models import PageQuery
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, View
from policy_match.web.portal.saying import Saying

PAGES = Pages(Door.ENTERPRISE)

PER_PAGE = 50


class ListQuery(PageQuery):
    """Which page."""

    limit: Annotated[int, Field(ge=1, le=PER_PAGE)] = PER_PAGE


class RatingForm(Form):
    """A grade, and words if wanted."""

    grade: Grade
    text: Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")] = ""


@PAGES.shows("/enterprise/ratings", "我的评价", "My ratings", like="list_firm_ratings")
def list_ratings(call: Call, query: ListQuery) -> View:
    """List the firm's ratings with their answers."""
    found = ratings.list_firm_ratings(call, query)
    return View("enterprise/ratings.html", {"found": found, "title": title_teller(call)})


@PAGES.shows("/enterprise/cases/{case_id}/rating", "服务评价", "Rate it", like="show_firm_rating")
def rating_page(call: Call, path: CaseId) -> View:
    """Ask for the rating of a case that was paid, or show it with its answer."""
    say = Saying(call.language)
    return View(
        "enterprise/rating.html",
        {
            "rating": ratings.show_firm_rating(call, path).rating,
            "case": firm_cases.show_firm_case(call, path).case,
            "grades": [(grade.value, say.words(words)) for grade, words in GRADE_WORDS.items()],
        },
    )


@PAGES.takes("/enterprise/cases/{case_id}/rating", "服务评价", "Rate it", like="rate_firm_case", again="rating_page")
def rate(call: Call, path: CaseId, form: RatingForm) -> Redirect:
    """Keep the rating."""
    ratings.rate_firm_case(call, path, NewRating(grade=form.grade, text=form.text))
    return Redirect(f"/enterprise/cases/{path.case_id}/rating", "rated")
