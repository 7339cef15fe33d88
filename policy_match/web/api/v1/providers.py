"""Signing in with a provider of OpenID Connect, renewing the session there, and being logged out from there."""

from typing import Annotated
from urllib.parse import parse_qs

from flask import request
from pydantic import ConfigDict, Field

from policy_match.identity.accounts import AccountKind
from policy_match.ports.providers import NotVouched, ProviderDown, ProviderRefused
from policy_match.services import provider_sign_in
from policy_match.services.provider_sign_in import COMES_BACK_WITHIN, NoSuchProvider, StateUnknown, UnknownPerson
from policy_match.services.sessions import NoSession
from policy_match.services.sign_in import NoFirm, SignedIn
from policy_match.web.api.v1.sign_in import SessionAnswer, answer_with, end_session_before
from policy_match.web.call import Call
from policy_match.web.identity.authenticator import ForgedRequest
from policy_match.web.identity.cookies import STATE, cookie, drop_cookie, set_cookie
from policy_match.web.identity.waiting import session_of
from policy_match.web.models import Output, Query
from policy_match.web.operation import Chapter, Method, SeeOther, Tag, Upload

CHAPTER = Chapter(Tag.SIGN_IN)
OPERATIONS = CHAPTER.operations

FORM = "application/x-www-form-urlencoded"
MOST_TOKEN_BYTES = 32 * 1024


class ProviderId(Query):
    """Which provider."""

    provider: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class BackToQuery(Query):
    """Which page to show afterwards."""

    back_to: Annotated[
        str, Field(pattern=r"^/([!-.0-\[\]-~][!-\[\]-~]{0,1000})?$", description="a path of this service")
    ] = "/"


class CallbackQuery(Query):
    """What a provider sends back; more may come, and is not looked at."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    state: Annotated[str, Field(max_length=200)]
    code: Annotated[str | None, Field(max_length=4000)] = None
    iss: Annotated[str | None, Field(max_length=1000, description="RFC 9207")] = None


class ProviderItem(Output):
    """One provider."""

    name: str
    label: str
    kind: Annotated[AccountKind, Field(description="for whom it is")]
    address: Annotated[str, Field(description="where a browser goes to sign in with it")]


class ProviderList(Output):
    """All providers."""

    items: list[ProviderItem]
    local_accounts: Annotated[bool, Field(description="whether one may sign in with a password too")]


@CHAPTER.operation(Method.GET, "/sign-in/providers")
def list_identity_providers(call: Call) -> ProviderList:
    """List the providers with which one may sign in."""
    rules = call.desk.identity.rules
    return ProviderList(
        items=[
            ProviderItem(
                name=each.name, label=each.label, kind=each.kind, address=f"/api/v1/sign-in/providers/{each.name}"
            )
            for each in rules.providers
        ],
        local_accounts=rules.local_accounts,
    )


@CHAPTER.operation(Method.GET, "/sign-in/providers/{provider}", raises=(NoSuchProvider, ProviderDown))
def begin_at_provider(call: Call, path: ProviderId, query: BackToQuery) -> SeeOther:
    """Send the browser to a provider, which sends it back."""
    call.database.release()  # nobody waits for a provider with a connection in his hand
    sent = provider_sign_in.begin_at_provider(
        call.desk.database,
        call.clock,
        call.desk.identity,
        call.desk.identity_providers,
        name=path.provider,
        back_to=query.back_to,
    )
    set_cookie(STATE, sent.state, COMES_BACK_WITHIN)
    return SeeOther(sent.address)


@CHAPTER.operation(
    Method.GET,
    "/sign-in/callback",
    raises=(StateUnknown, ProviderDown, ProviderRefused, NotVouched, UnknownPerson, NoFirm),
)
def come_back_from_provider(call: Call, query: CallbackQuery) -> SeeOther:
    """Take the browser back from a provider, begin the session, and send it on to the page it came for."""
    call.database.release()
    state_of_browser = cookie(request, STATE)
    drop_cookie(STATE)
    signed, back_to = provider_sign_in.come_back(
        call.desk.database,
        call.clock,
        call.desk.identity,
        call.desk.identity_providers,
        state=query.state,
        state_of_browser=state_of_browser,
        code=query.code,
        issuer=query.iss,
    )
    end_session_before(call)
    answer_with(call, signed)
    return SeeOther(back_to)


@CHAPTER.operation(
    Method.POST, "/session/renew", raises=(NoSession, ForgedRequest, ProviderDown), keyed=False, secret=True
)
def renew_session(call: Call) -> SessionAnswer:
    """Give the session a new id. One that came from a provider is renewed there, and ends when it refuses."""
    session = session_of(call)
    call.database.release()
    begun = provider_sign_in.renew_session(
        call.desk.database, call.clock, call.desk.identity, call.desk.identity_providers, session
    )
    return answer_with(call, SignedIn(begun=begun, firms=()))


@CHAPTER.operation(
    Method.POST,
    "/sign-in/providers/{provider}/log-out",
    raises=(NoSuchProvider, ProviderDown, NotVouched),
    keyed=False,
    uploads=(FORM,),
)
def end_by_provider(call: Call, path: ProviderId, upload: Upload) -> None:
    """End the sessions of somebody whom the provider logged out (Back-Channel Logout 1.0)."""
    sent = parse_qs(upload.stream.read(MOST_TOKEN_BYTES).decode("ascii", "replace"), max_num_fields=10)
    call.database.release()
    provider_sign_in.end_by_provider(
        call.desk.database,
        call.clock,
        call.desk.identity_providers,
        name=path.provider,
        token=sent.get("logout_token", [""])[0],
    )
