"""Signing in and out on pages: a password, a second factor, a firm.

Guarantees that what a session still waits for is the next page, and that nobody is sent on to another site. What a
sign-in is, is `services.sign_in`.
"""

from typing import Annotated
from urllib.parse import urlencode

import segno
from markupsafe import Markup
from pydantic import StringConstraints

from policy_match.identity.accounts import AccountKind
from policy_match.identity.credentials import LONGEST_PASSWORD
from policy_match.identity.principal import ServiceRole
from policy_match.identity.sessions import WaitsFor
from policy_match.web.api.v1 import sign_in as api
from policy_match.web.call import Call
from policy_match.web.models import CreditCode, LocalPath, Query
from policy_match.web.portal.forms import Form
from policy_match.web.portal.page import Door, Pages, Redirect, View

PAGES = Pages(Door.PUBLIC)

WAITING = {
    WaitsFor.SECOND_FACTOR: "/sign-in/code",
    WaitsFor.ENROLMENT: "/sign-in/enrolment",
    WaitsFor.FIRM: "/sign-in/firm",
}
"""The page for what a session waits for."""


class NextQuery(Query):
    """Where to go on after signing in."""

    next: LocalPath = "/"


class SignInForm(Form):
    """Who, and the password."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^\S+$")]
    password: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PASSWORD, strip_whitespace=False)]
    next: LocalPath = "/"


class CodeForm(Form):
    """A code of the authenticator app, or a recovery code."""

    code: api.Code
    next: LocalPath = "/"


class FirmForm(Form):
    """For which firm to act."""

    firm: CreditCode
    next: LocalPath = "/"


class BeginForm(Form):
    """Nothing but the wish to set up a second factor."""

    next: LocalPath = "/"


@PAGES.shows("/sign-in", "登录", "Sign in", like="sign_in")
def sign_in_page(call: Call, query: NextQuery) -> View:
    """Ask who it is."""
    return View("public/sign_in.html", {"next": query.next, "providers": call.desk.identity.rules.providers})


@PAGES.takes("/sign-in", "登录", "Sign in", like="sign_in", again="sign_in_page")
def sign_in(call: Call, form: SignInForm) -> Redirect:
    """Sign in with a local account."""
    return _on(api.sign_in(call, api.SignInInput(name=form.name, password=form.password)), form.next)


@PAGES.shows("/sign-in/code", "两步验证", "Second factor", like="sign_in")
def code_page(call: Call, query: NextQuery) -> View:
    """Ask for the second factor."""
    return View("public/code.html", {"next": query.next})


@PAGES.takes("/sign-in/code", "两步验证", "Second factor", like="give_code", again="code_page")
def give_code(call: Call, form: CodeForm) -> Redirect:
    """Take the second factor."""
    return _on(api.give_code(call, api.CodeInput(code=form.code)), form.next)


@PAGES.shows("/sign-in/enrolment", "设置两步验证", "Set up a second factor", like="sign_in")
def enrolment_page(call: Call, query: NextQuery) -> View:
    """Say that a second factor is needed."""
    return View("public/enrolment.html", {"next": query.next})


@PAGES.takes(
    "/sign-in/enrolment", "设置两步验证", "Set up a second factor", like="begin_enrolment", again="enrolment_page"
)
def begin_enrolment(call: Call, form: BeginForm) -> View:
    """Show the secret, this once."""
    found = api.begin_enrolment(call)
    code = Markup(segno.make(found.address).svg_inline(scale=5, border=2, omitsize=False))
    return View("public/enrolment_code.html", {"next": form.next, "secret": found.secret, "square": code})


@PAGES.takes(
    "/sign-in/enrolment/code",
    "设置两步验证",
    "Set up a second factor",
    like="confirm_enrolment",
    again="enrolment_page",
)
def confirm_enrolment(call: Call, form: CodeForm) -> View:
    """Confirm the second factor, and show the recovery codes, this once."""
    found = api.confirm_enrolment(call, api.CodeInput(code=form.code))
    return View("public/recovery_codes.html", {"codes": found.recovery_codes, "on": _on(found.session, form.next).path})


@PAGES.shows("/sign-in/firm", "选择企业", "Choose a firm", like="who_am_i")
def firm_page(call: Call, query: NextQuery) -> View:
    """Ask for which firm the user acts."""
    return View("public/firm.html", {"next": query.next, "firms": api.who_am_i(call).firms})


@PAGES.takes("/sign-in/firm", "选择企业", "Choose a firm", like="choose_firm", again="firm_page")
def choose_firm(call: Call, form: FirmForm) -> Redirect:
    """Act for a firm from here on."""
    return _on(api.choose_firm(call, api.FirmInput(firm=form.firm)), form.next)


@PAGES.takes("/sign-out", "退出", "Sign out", like="sign_out", again="")
def sign_out(call: Call) -> Redirect | View:
    """End the session; who came from a provider is offered to sign out there, too."""
    provider = api.sign_out(call).provider
    if provider is None:
        return Redirect("/", "signed-out")
    return View("public/signed_out.html", {"provider": provider}, leads_out=provider.address)


def _on(session: api.SessionAnswer, wanted: str) -> Redirect:
    """Return where a session goes on: what it waits for, what was wanted, or the door of its kind."""
    if session.waits_for is not None:
        return Redirect(f"{WAITING[session.waits_for]}?{urlencode({'next': wanted})}")
    if wanted != "/":
        return Redirect(wanted)
    if session.kind is AccountKind.FIRM:
        return Redirect("/enterprise")
    only_auditor = {each.role for each in session.roles} == {ServiceRole.AUDITOR.value}
    return Redirect("/auditor" if only_auditor else "/bureau")
