"""The way of a page's request through the gates of the API, and back as a page.

Guarantees that pages obey the same table of access as the API, that a form that is sent twice does one thing, and that
a form that is refused is shown again with what was filled in and what is wrong. What a page shows is its handler's.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from flask import Response, current_app, g, render_template, request, url_for
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from policy_match.cases.words import Words
from policy_match.errors import Language, PolicyMatchError
from policy_match.identity.access import Access
from policy_match.identity.principal import FirmUser, Principal, Staff
from policy_match.services.actions import answer_given
from policy_match.web.authenticator import Authenticator
from policy_match.web.call import Call, actor_of
from policy_match.web.desk import Desk, RequestWork
from policy_match.web.gates import admitted, keep
from policy_match.web.guard import say_when, shown
from policy_match.web.headers import leading_to
from policy_match.web.identity.cookies import form_token
from policy_match.web.models import is_of_input
from policy_match.web.operation import PARAMETER, File
from policy_match.web.portal.done import DONE
from policy_match.web.portal.forms import KEY_FIELD, OWN_FIELDS, Attached, attached, filled_in, unfit
from policy_match.web.portal.page import Door, Page, Redirect, Table, View
from policy_match.web.portal.saying import Saying
from policy_match.web.portal.tables import chosen_table, table_file
from policy_match.web.portal.tongues import marked
from policy_match.web.problems import KeyMissing, KeyUnfit, NotAllowed, NotSignedIn, Place, WrongFields
from policy_match.web.reading import KEY, path_of, query_of

SIGN_IN = "/sign-in"
DONE_PARAMETER = "done"
TABLE_PARAMETER = "table"
"""Asks a page for one of its tables as a file, such as `table=orders.csv`."""

ABOUT_THE_PAGE = (DONE_PARAMETER, TABLE_PARAMETER)
"""Parameters that are not its handler's."""


@dataclass(frozen=True, slots=True)
class Portal:
    """All pages with what they need to be served."""

    pages: Mapping[str, Page]
    access: Mapping[str, Access]
    desk: Desk
    authenticator: Authenticator
    words_of_doors: Mapping[Door, Words]
    homes: Mapping[Door, str]

    def may(self, call: Call, page: Page) -> bool:
        """Return whether who asks may come to a page."""
        return self.lets(call.principal, page)

    def lets(self, principal: Principal | None, page: Page) -> bool:
        """Return whether somebody may come to a page."""
        return self.access[page.like].allows(principal)

    def may_take(self, call: Call, table: Table) -> bool:
        """Return whether who asks may take a table away as a file: whether he may list it."""
        return self.access[table.handler.__name__].allows(call.principal)

    def listing(self, call: Call, table: Table) -> Call:
        """Return the call with the reach that who asks has for listing a table. Raises `NotAllowed`."""
        if not self.may_take(call, table):
            raise NotAllowed
        return replace(call, reach=self.access[table.handler.__name__].reach_of(call.principal))


def serve_page(portal: Portal, page: Page, path: dict[str, str], language: Language, request_id: str) -> Response:
    """Answer a request for a page. Raises a `PolicyMatchError` where there is no page to show it on."""
    try:
        if not page.changes:
            return _shown(portal, page, path, language, request_id)
        return _taken(portal, page, path, language, request_id)
    except NotSignedIn:
        back = request.full_path.rstrip("?") if page.reads else ""
        return _see_other(f"{SIGN_IN}?{urlencode({'next': back})}" if back else SIGN_IN)


def _shown(
    portal: Portal,
    page: Page,
    path: dict[str, str],
    language: Language,
    request_id: str,
    *,
    error: PolicyMatchError | None = None,
) -> Response:
    with portal.desk.database.request_work(read_only=not page.collects) as work:
        call = _admitted(portal, page, work, language, request_id)
        given: dict[str, Any] = {}
        if page.path_model is not None:
            given["path"] = path_of(page.path_model, path)
        if page.query is not None:
            try:
                given["query"] = page.query() if error is not None else query_of(page.query, _asked())
            except WrongFields as wrong:
                if not _shows_without(page.query):
                    raise
                given["query"], error = page.query(), _in_words(wrong, language)
        if error is None and TABLE_PARAMETER in request.args:
            table, format = chosen_table(page, request.args[TABLE_PARAMETER])
            return _file(table_file(portal.listing(call, table), table, format, given))
        found = page.handler(call, **given)
        if isinstance(found, View):
            return _rendered(portal, page, call, found, error)
        return _file(found) if isinstance(found, File) else _see_other(found.path)


def _shows_without(query: type[BaseModel]) -> bool:
    """Return whether a page has something to show without any parameter."""
    return not any(field.is_required() for field in query.model_fields.values())


def _in_words(wrong: WrongFields, language: Language) -> WrongFields:
    """Return the same for people: the filter by its name, without pointers and patterns."""
    say = Saying(language)
    told = say("筛选条件“%s”不符合要求，未采用", "the filter “%s” does not fit and was not used")
    names = dict.fromkeys(each.where.strip("/") for each in wrong.places)
    return WrongFields([Place(where=name, detail=told % name) for name in names])


def _taken(portal: Portal, page: Page, path: dict[str, str], language: Language, request_id: str) -> Response:
    try:
        with portal.desk.database.request_work(read_only=False) as work:
            call = _admitted(portal, page, work, language, request_id)
            files = attached(request.files)
            key, digest = _key_and_digest(page, portal.desk, files)
            before = None if call.principal is None else answer_given(work, actor_of(call.principal), key, digest)
            if before is not None:
                return _see_other(before.location)
            given: dict[str, Any] = {}
            if page.path_model is not None:
                given["path"] = path_of(page.path_model, path)
            if page.form is not None:
                given["form"] = filled_in(page.form, request.form, files, language)
            # What anybody may do, such as signing out, is done by the service, as in the API.
            if isinstance(call.principal, FirmUser) and not portal.access[page.like].public:
                work.act_as_firm(call.principal.uscc)
            found = _handled(page, call, given)
            # What is shown instead of leading on holds a secret, and is not shown again.
            leads_on = isinstance(found, Redirect)
            answer = _led_on(found) if leads_on else _rendered(portal, page, call, found, None)
            work.act_as_service()
            if call.principal is not None:
                keep(call, answer if leads_on else None, answer.status_code, key, digest)
            work.commit()
            return answer
    except NotSignedIn:
        raise
    except PolicyMatchError as error:
        if not page.again or error.http_status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
            raise
        told = shown(error)
        answer = _shown(portal, portal.pages[page.again], path, language, request_id, error=told)
        say_when(told, answer)
        return answer


def _handled(page: Page, call: Call, given: Mapping[str, Any]) -> Any:
    """Return what the handler of a form gives. Raises `WrongFields` for what the operation behind it does not take."""
    try:
        return page.handler(call, **given)
    except ValidationError as error:
        if not is_of_input(error):
            raise
        raise WrongFields(unfit(error, call.language)) from None


def _admitted(portal: Portal, page: Page, work: RequestWork, language: Language, request_id: str) -> Call:
    access = portal.access[page.like]
    return admitted(page, access, portal.desk, portal.authenticator, work, language, request_id)


def _asked() -> "MultiDict[str, str]":
    """Return the parameters of a page: a filter that is left empty is none."""
    return MultiDict(
        [(name, value) for name, value in request.args.items(True) if value and name not in ABOUT_THE_PAGE]
    )


def _key_and_digest(page: Page, desk: Desk, files: Mapping[str, Attached]) -> tuple[str, bytes]:
    key = request.form.get(KEY_FIELD, "")
    if not key:
        raise KeyMissing
    if KEY.fullmatch(key) is None:
        raise KeyUnfit
    sent = sorted((name, values) for name, values in request.form.lists() if name not in OWN_FIELDS)
    chosen = sorted((name, file.name, file.digest) for name, file in files.items())
    asked = hashlib.sha256(json.dumps([page.id, request.path, sent, chosen]).encode())
    return key, bytes.fromhex(desk.identity.sealer.mark(asked.hexdigest()))


def _rendered(portal: Portal, page: Page, call: Call, view: View, error: PolicyMatchError | None) -> Response:
    say = Saying(call.language)
    places = error.places if isinstance(error, WrongFields) else ()
    text = render_template(
        view.template,
        page=page,
        call=call,
        say=say,
        language=call.language,
        signed_in=call.principal is not None and not view.leads_out,
        who=_name(call.principal),
        csrf=form_token(request),
        key=str(uuid4()),
        error=error,
        places=places,
        wrong={place.where: place.detail for place in places},
        sent=request.form if error is not None else {},
        done=DONE.get(request.args.get(DONE_PARAMETER, "")),
        nav=[each for each in portal.pages.values() if each.nav and each.door is page.door and portal.may(call, each)],
        may_visit=partial(_may_visit, portal, call),
        home=portal.homes[page.door],
        door_words=portal.words_of_doors[page.door],
        acts_for=call.principal.uscc if isinstance(call.principal, FirmUser) else "",
        here=_here(portal, page),
        asset=_asset,
        with_query=_with_query,
        tables_to_take=[each for each in page.tables if portal.may_take(call, each)],
        **view.given,
    )
    status = HTTPStatus.OK if error is None else error.http_status
    answer = Response(_in_one_language(text, call.language), status=status, mimetype="text/html")
    if view.leads_out:
        answer.headers["Content-Security-Policy"] = leading_to(view.leads_out)
    return answer


def _here(portal: Portal, page: Page) -> str:
    """Return the address under which the page that is shown is found: where the language button leads back to."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    if page.changes:
        return portal.homes[page.door]
    return PARAMETER.sub(lambda name: quote(str((request.view_args or {}).get(name[1], ""))), page.path)


def _in_one_language(text: str, language: Language) -> str:
    return marked(text) if language == "en" else text


def _may_visit(portal: Portal, call: Call, path: str) -> bool:
    """Return whether a link to a page is for who asks: others do not see it."""
    adapter = current_app.url_map.bind("")
    return portal.may(call, portal.pages[str(adapter.match(path.partition("?")[0], method="GET")[0])])


def _name(principal: Principal | None) -> str:
    match principal:
        case Staff(person=person):
            return person
        case FirmUser(user=user):
            return user
        case _:
            return ""


def _asset(name: str) -> str:
    return url_for("static", filename=name)


def _with_query(**changed: object) -> str:
    """Return the address of this page with other parameters; one that is `None` is left out."""
    pairs = [(name, value) for name, value in request.args.items(True) if name not in changed]
    pairs += [(name, str(value)) for name, value in changed.items() if value is not None]
    return f"{request.path}?{urlencode(pairs)}"


def _file(found: File) -> Response:
    answer = Response(found.content, mimetype=found.media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


def _led_on(found: Redirect) -> Response:
    mark = "&" if "?" in found.path else "?"
    return _see_other(found.path + (f"{mark}{DONE_PARAMETER}={quote(found.done)}" if found.done else ""))


def _see_other(path: str) -> Response:
    assert path.startswith("/") and not path.startswith("//"), "pages lead to pages of ours"
    return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": path})


def error_page(portal: Portal, error: PolicyMatchError, language: Language, request_id: str) -> Response:
    """Return a page that says what was refused, at the door where it was asked for, with the ways on from there."""
    say = Saying(language)
    door = next((each for each, home in portal.homes.items() if home == f"/{request.path.split('/')[1]}"), Door.PUBLIC)
    principal = g.get("principal")
    text = render_template(
        "error.html",
        page=ERROR_PAGE,
        say=say,
        signed_in=principal is not None,
        who=_name(principal),
        acts_for=principal.uscc if isinstance(principal, FirmUser) else "",
        csrf=form_token(request),
        key=str(uuid4()),
        nav=[each for each in portal.pages.values() if each.nav and each.door is door and portal.lets(principal, each)],
        error=error,
        places=error.places if isinstance(error, WrongFields) else (),
        language=language,
        request_id=request_id,
        home=portal.homes[door],
        door_words=portal.words_of_doors[door],
        here=request.full_path.rstrip("?") if request.method == "GET" else portal.homes[door],
        asset=_asset,
    )
    return Response(_in_one_language(text, language), status=error.http_status, mimetype="text/html")


def _no_page() -> View:
    raise AssertionError("the page of errors is not served")


ERROR_PAGE = Page(
    id="public.error",
    door=Door.PUBLIC,
    path="/error",
    title=Words("无法完成", "Not possible"),
    handler=_no_page,
    like="",
)
