"""Signing in and out: a password, a second factor, a firm; who one is; a new id for the session."""

from collections.abc import Sequence
from typing import Annotated

from flask import request
from pydantic import Field, StringConstraints

from policy_match.identity.accounts import AccountKind, Delegation
from policy_match.identity.credentials import LONGEST_PASSWORD
from policy_match.identity.sessions import Session, SessionEnd, WaitsFor
from policy_match.services import second_factor, sessions
from policy_match.services import sign_in as service
from policy_match.services.accounts import show_account
from policy_match.services.attempts import TooHasty
from policy_match.services.provider_sign_in import log_out_form
from policy_match.services.sessions import NoSession
from policy_match.values import Uscc
from policy_match.web.call import Call
from policy_match.web.identity.authenticator import ForgedRequest
from policy_match.web.identity.cookies import SESSION, cookie, csrf_token, drop_cookie, set_cookie
from policy_match.web.identity.waiting import address_of, secret_of_session, session_of
from policy_match.web.models import BLANK, CreditCode, Input, Moment, Output
from policy_match.web.operation import Chapter, Method, Tag

CHAPTER = Chapter(Tag.SIGN_IN)
OPERATIONS = CHAPTER.operations

Secret = Annotated[str, StringConstraints(pattern=r"^[^\x00]+$", max_length=LONGEST_PASSWORD)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z -]{6,40}$")]


class SignInInput(Input):
    """Who, and the password."""

    name: Annotated[str, StringConstraints(pattern=rf"^[^{BLANK}]+$", max_length=100)]
    password: Secret


class CodeInput(Input):
    """A one-time code of the app, or a recovery code."""

    code: Code


class FirmInput(Input):
    """For which firm to act."""

    firm: CreditCode


class RoleItem(Output):
    """A role and how far it goes; empty means all."""

    role: str
    department: str
    jurisdiction: str


class FirmItem(Output):
    """A firm for which the user may act."""

    uscc: str
    is_owner: Annotated[bool, Field(description="whether the user says who else acts for it")]


class SessionAnswer(Output):
    """Who one is, and how far the session is."""

    session_id: int
    name: str
    label: str
    kind: AccountKind
    provider: Annotated[str, Field(description="who vouches, empty for local accounts")]
    waits_for: Annotated[WaitsFor | None, Field(description="what must come before anything else")]
    roles: list[RoleItem]
    firm: Annotated[str | None, Field(description="for which firm the user acts")]
    firms: Annotated[list[FirmItem], Field(description="for which firms he may act")]
    csrf_token: Annotated[str, Field(description="to be sent as `X-CSRF-Token` with every write")]
    ends_at: Annotated[Moment, Field(description="unless the session is used, or renewed, before")]


class EnrolmentAnswer(Output):
    """What an authenticator app needs, said once."""

    secret: str
    address: Annotated[str, Field(description="the same as `otpauth://`, for a QR code")]


class EnrolledAnswer(Output):
    """The session goes on; the recovery codes are said once."""

    session: SessionAnswer
    recovery_codes: list[str]


class LogOutItem(Output):
    """What a browser posts as a form, so that the provider logs the person out too."""

    address: str
    fields: dict[str, str]


class SignOutAnswer(Output):
    """The session is over."""

    provider: Annotated[LogOutItem | None, Field(description="only for those who came from a provider")]


@CHAPTER.operation(
    Method.POST,
    "/sign-in",
    raises=(service.WrongSignIn, service.NoLocalAccounts, service.NoFirm, TooHasty),
    keyed=False,
    secret=True,
)
def sign_in(call: Call, body: SignInInput) -> SessionAnswer:
    """Sign in with a local account. The session may wait for a second factor, or the choice of a firm."""
    call.database.release()  # the failure must stay though it is refused, and hashing needs no connection
    signed = service.sign_in(
        call.desk.database,
        call.clock,
        call.desk.identity,
        name=body.name,
        password=body.password,
        address=address_of(),
    )
    end_session_before(call)
    return answer_with(call, signed)


@CHAPTER.operation(
    Method.POST,
    "/sign-in/code",
    raises=(second_factor.WrongCode, service.NotWaiting, service.NoFirm, NoSession, ForgedRequest, TooHasty),
    keyed=False,
    secret=True,
)
def give_code(call: Call, body: CodeInput) -> SessionAnswer:
    """Give the second factor that the session waits for."""
    session = session_of(call)
    call.database.release()
    signed = service.give_code(
        call.desk.database,
        call.clock,
        call.desk.identity,
        session,
        code=body.code,
        address=address_of(),
    )
    return answer_with(call, signed)


@CHAPTER.operation(
    Method.POST,
    "/sign-in/enrolment",
    raises=(second_factor.HasSecondFactor, service.NotWaiting, NoSession, ForgedRequest),
    keyed=False,
    secret=True,
)
def begin_enrolment(call: Call) -> EnrolmentAnswer:
    """Begin to set up a second factor; the first right code confirms it."""
    session = session_of(call)
    if session.waits_for not in (WaitsFor.ENROLMENT, None):
        raise service.NotWaiting
    enrolment = second_factor.begin_totp(call.database, call.clock, call.desk.identity, name=session.name)
    return EnrolmentAnswer.model_validate(enrolment)


@CHAPTER.operation(
    Method.POST,
    "/sign-in/enrolment/code",
    raises=(
        second_factor.WrongCode,
        second_factor.NotEnrolling,
        service.NotWaiting,
        service.NoFirm,
        NoSession,
        ForgedRequest,
        TooHasty,
    ),
    keyed=False,
    secret=True,
)
def confirm_enrolment(call: Call, body: CodeInput) -> EnrolledAnswer:
    """Confirm a second factor by its first code. The recovery codes are said this once."""
    session = session_of(call)
    call.database.release()
    signed, codes = service.confirm_enrolment(
        call.desk.database,
        call.clock,
        call.desk.identity,
        session,
        code=body.code,
        address=address_of(),
    )
    return EnrolledAnswer(session=answer_with(call, signed), recovery_codes=list(codes))


@CHAPTER.operation(
    Method.POST,
    "/sign-in/firm",
    raises=(service.NotWaiting, service.NotYourFirm, NoSession, ForgedRequest),
    keyed=False,
    secret=True,
)
def choose_firm(call: Call, body: FirmInput) -> SessionAnswer:
    """Say for which firm to act from here on; the session gets a new id."""
    signed = service.choose_firm(call.database, call.clock, call.desk.identity, session_of(call), uscc=Uscc(body.firm))
    return answer_with(call, signed)


@CHAPTER.operation(Method.GET, "/session", raises=(NoSession,), secret=True)
def who_am_i(call: Call) -> SessionAnswer:
    """Say who one is, what the session waits for, and its token against forged requests."""
    call.database.act_as_service()
    session = session_of(call)
    firms = show_account(call.database, name=session.name).delegations if session.kind is AccountKind.FIRM else ()
    return session_answer(call, session, secret_of_session(), firms)


@CHAPTER.operation(Method.POST, "/sign-out", raises=(ForgedRequest,), keyed=False, secret=True)
def sign_out(call: Call) -> SignOutAnswer:
    """End the session. Without one nothing happens."""
    try:
        session = session_of(call)
    except NoSession:
        if cookie(request, SESSION) is not None:
            drop_cookie(SESSION)
        return SignOutAnswer(provider=None)
    call.database.release()
    form = log_out_form(call.desk.database, call.desk.identity, call.desk.identity_providers, session)
    sessions.end_session(call.desk.database, call.clock, session, SessionEnd.SIGNED_OUT)
    drop_cookie(SESSION)
    return SignOutAnswer(provider=None if form is None else LogOutItem.model_validate(form))


def answer_with(call: Call, signed: service.SignedIn) -> SessionAnswer:
    """Send the cookie of a session that has begun, and return who it is."""
    begun = signed.begun
    set_cookie(SESSION, begun.secret)
    return session_answer(call, begun.session, begun.secret, signed.firms)


def session_answer(call: Call, session: Session, secret: str, firms: Sequence[Delegation]) -> SessionAnswer:
    """Return who one is in a session."""
    held = sorted((str(role), reach.department, reach.jurisdiction) for role, reach in session.roles)
    return SessionAnswer(
        session_id=session.session_id,
        name=session.name,
        label=session.label,
        kind=session.kind,
        provider=session.provider,
        waits_for=session.waits_for,
        roles=[RoleItem(role=role, department=where, jurisdiction=far) for role, where, far in held],
        firm=session.uscc,
        firms=[FirmItem.model_validate(each) for each in firms],
        csrf_token=csrf_token(secret),
        ends_at=session.ends_at(call.desk.identity.rules.sessions),
    )


def end_session_before(call: Call) -> None:
    """End the session that the browser had, when it signs in anew: it would be left open."""
    secret = cookie(request, SESSION)
    if secret is None:
        return
    before = sessions.live_session(call.desk.database, call.clock, call.desk.identity, secret)
    if before is not None:
        sessions.end_session(call.desk.database, call.clock, before, SessionEnd.SIGNED_OUT)
