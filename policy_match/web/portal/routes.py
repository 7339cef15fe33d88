"""The addresses of all pages, and the files that they are shown with.

Guarantees that every page names an operation of the table of access, and that whoever asks for a page is answered with
one, also when it is refused. What pages there are is said by the doors.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from flask import Flask, Response, g, request

from policy_match.cases.words import Words
from policy_match.errors import Language, PolicyMatchError
from policy_match.identity.access import Access
from policy_match.web.authenticator import Authenticator
from policy_match.web.desk import Desk
from policy_match.web.models import LOCAL
from policy_match.web.operation import PARAMETER
from policy_match.web.portal.page import Door, Page
from policy_match.web.portal.serving import Portal, error_page, serve_page

LANGUAGE = "language"
"""The cookie that keeps the language of pages; Chinese without it."""

YEAR = timedelta(days=365)
DAY = timedelta(days=1)
MACHINES = ("/api/", "/health/")
"""Where programs ask, who are refused with problem documents."""

DOORS: Mapping[Door, Words] = {
    Door.PUBLIC: Words("公众服务", "Public"),
    Door.ENTERPRISE: Words("企业服务", "Enterprises"),
    Door.BUREAU: Words("财政工作台", "Finance bureau"),
    Door.AUDITOR: Words("审计台", "Auditors"),
}
HOMES: Mapping[Door, str] = {
    Door.PUBLIC: "/",
    Door.ENTERPRISE: "/enterprise",
    Door.BUREAU: "/bureau",
    Door.AUDITOR: "/auditor",
}


def add_pages(
    app: Flask,
    pages: Sequence[Page],
    access: Mapping[str, Access],
    desk: Desk,
    authenticator: Authenticator,
    upload_bytes: int,
) -> Portal:
    """Let the application show the pages; return what refusals of pages are shown with."""
    assert {page.like for page in pages} <= set(access), "every page is like an operation of the table of access"
    assert len({page.id for page in pages}) == len(pages), "every page has its own name"
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = DAY
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    portal = Portal(
        pages={page.id: page for page in pages},
        access=access,
        desk=desk,
        authenticator=authenticator,
        words_of_doors=DOORS,
        homes=HOMES,
    )
    for page in pages:
        app.add_url_rule(
            PARAMETER.sub(r"<\1>", page.path),
            endpoint=page.id,
            view_func=_view(portal, page, upload_bytes),
            methods=["POST" if page.changes else "GET"],
            provide_automatic_options=False,
        )
    app.add_url_rule("/language", "public.language", _choose_language, methods=["POST"])
    return portal


def language_of_page() -> Language:
    """Return the language that was chosen, Chinese at first."""
    return "en" if request.cookies.get(LANGUAGE) == "en" else "zh"


def is_for_people() -> bool:
    """Return whether a request asks for a page."""
    return not request.path.startswith(MACHINES)


def refuse_on_page(portal: Portal, error: PolicyMatchError) -> Response:
    """Return the page that says why there is none."""
    return error_page(portal, error, language_of_page(), g.request_id)


def _view(portal: Portal, page: Page, upload_bytes: int):  # type: ignore[no-untyped-def]
    def view(**path: str) -> Response:
        if page.uploads:
            request.max_content_length = upload_bytes
        return serve_page(portal, page, path, language_of_page(), g.request_id)

    return view


def _choose_language() -> Response:
    """Keep the language; it is no secret, and changes nothing but words."""
    back = request.form.get("back", "/")
    answer = Response(status=303, headers={"Location": back if LOCAL.fullmatch(back) else "/"})
    to = "en" if request.form.get("to") == "en" else "zh"
    answer.set_cookie(LANGUAGE, to, max_age=YEAR, secure=request.is_secure, httponly=True, samesite="Lax")
    return answer
