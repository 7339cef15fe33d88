"""Signs people in for whom a provider vouches, renews their sessions there, and ends them when it says so.

Guarantees that a sign-in comes back once, to the browser that began it; that a person nobody mapped gets nowhere; that
an account with a password is never taken over by a name; and that a session ends when its provider refuses it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from policy_match.errors import InputError
from policy_match.identity.accounts import Account, AccountKind, AccountStep, WrongAccountName, checked_name
from policy_match.identity.providers import ProviderTerms, Vouched
from policy_match.identity.sessions import Session, SessionEnd
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.identity import ProviderRequest, SessionTokens
from policy_match.ports.providers import IdentityProvider, LogOutForm, NotVouched, ProviderDown, ProviderRefused
from policy_match.services.accounts import MOST_DELEGATIONS, new_account
from policy_match.services.identity_desk import IdentityDesk, digest_of, new_secret
from policy_match.services.sessions import Begun, NoSession, begin_session, end_session, renewed
from policy_match.services.sign_in import SignedIn, begin_for
from policy_match.values import Uscc

COMES_BACK_WITHIN = timedelta(minutes=10)
"""So long a person may take at the provider."""

MOST_FORGOTTEN = 100
MOST_ENDED = 1000
"""The most sessions that one log-out ends."""

PROVIDER_PREFIX = "provider:"
"""Who did it, when a provider's claims did."""

Providers = Mapping[str, IdentityProvider]


class NoSuchProvider(InputError):
    """No provider of that name is set."""

    code = "sign-in.no-provider"
    http_status = 404
    english = "there is no provider {name}; see the list of providers"
    chinese = "没有名为 {name} 的统一身份认证服务；请查看可用的认证服务"


class StateUnknown(InputError):
    """What comes back was not sent, came back before, took too long, or began in another browser."""

    code = "sign-in.state"
    http_status = 400
    english = "this sign-in was not begun here, came back before, or took too long; begin it again"
    chinese = "本次登录并非由此浏览器发起、已使用或已超时；请重新发起登录"


class UnknownPerson(InputError):
    """The provider vouches for somebody who has no account."""

    code = "sign-in.unknown-person"
    http_status = 403
    english = "the provider {provider} knows you, but you have no account here; ask an administrator for one"
    chinese = "统一身份认证服务 {provider} 已确认您的身份，但您在本系统没有账号；请联系系统管理员"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """Where the browser is sent, and the state that it must bring back, which a cookie holds too."""

    address: str
    state: str = field(repr=False)


def begin_at_provider(
    database: Database, clock: Clock, desk: IdentityDesk, providers: Providers, *, name: str, back_to: str
) -> Sent:
    """Begin a sign-in at a provider; `back_to` is the page of ours to show afterwards.

    Raises `NoSuchProvider`, `ProviderDown`.
    """
    provider = _provider(providers, name)
    state, nonce, verifier = new_secret(), new_secret(), new_secret()
    address = provider.sign_in_address(state=state, nonce=nonce, verifier=verifier)
    kept = json.dumps({"nonce": nonce, "verifier": verifier, "back_to": back_to}).encode()
    digest, at = digest_of(state), clock.now()
    with database.unit_of_work() as work:
        work.sessions.forget_requests(at - 2 * COMES_BACK_WITHIN, MOST_FORGOTTEN)
        sealed = desk.sealer.seal_secret(kept, _request_owner(digest))
        work.sessions.add_request(digest, ProviderRequest(provider=name, sealed=sealed, at=at))
        work.commit()
    return Sent(address=address, state=state)


def come_back(
    database: Database,
    clock: Clock,
    desk: IdentityDesk,
    providers: Providers,
    *,
    state: str,
    state_of_browser: str | None,
    code: str | None,
    issuer: str | None = None,
) -> tuple[SignedIn, str]:
    """End a sign-in at a provider: return the session, and the page to show.

    `issuer` is who says that it answers, if it does (RFC 9207): another one must not see the code.
    Raises `StateUnknown`, `ProviderDown`, `ProviderRefused` (also without a code), `NotVouched`, `UnknownPerson`,
    `NoFirm`.
    """
    if state_of_browser is None or state != state_of_browser:
        raise StateUnknown
    digest = digest_of(state)
    with database.unit_of_work() as work:
        request = work.sessions.take_request(digest)
        work.commit()
    if request is None or clock.now() - request.at > COMES_BACK_WITHIN:
        raise StateUnknown
    provider = _provider(providers, request.provider)
    if code is None or issuer not in (None, provider.terms.issuer):
        raise ProviderRefused(provider=request.provider)
    kept = json.loads(desk.sealer.open_secret(request.sealed, _request_owner(digest)))
    vouched = provider.vouched(code=code, nonce=kept["nonce"], verifier=kept["verifier"])
    with database.unit_of_work() as work:
        signed = _begun(work, clock, desk, provider.terms, vouched)
        work.commit()
    return signed, kept["back_to"]


def renew_session(
    database: Database, clock: Clock, desk: IdentityDesk, providers: Providers, session: Session
) -> Begun:
    """Give a session a new id; one that came from a provider is renewed there first.

    Firms follow the claim of a new ID token, as at a sign-in. Raises `ProviderDown`, after which the session goes on
    until its end; `NoSession` when the provider refuses, or names the firm no longer, after which it is over.
    """
    if not session.provider:
        return renewed(database, clock, desk, session)
    before = _tokens(database, desk, session)
    provider = providers.get(session.provider)
    try:
        if before is None or provider is None or not before.refresh_token:
            raise ProviderRefused(provider=session.provider)
        vouched = provider.renewed(before)
    except (ProviderRefused, NotVouched):
        end_session(database, clock, session, SessionEnd.PROVIDER)
        raise NoSession from None
    at = clock.now()
    with database.unit_of_work() as work:
        account = work.accounts.find(session.name)
        assert account is not None, "a session has an account"
        if vouched.claims:
            _follow_claim(work, provider.terms, account, vouched, at)
        if session.uscc is not None and not _acts_for(work, account, session.uscc):
            work.sessions.end([session.session_id], at, SessionEnd.PROVIDER)
            work.commit()
            raise NoSession
        _keep_tokens(work, desk, session, vouched)
        begun = begin_session(
            work, desk, account, at, uscc=session.uscc, waits_for=session.waits_for, instead_of=session
        )
        work.commit()
    return begun


def log_out_form(database: Database, desk: IdentityDesk, providers: Providers, session: Session) -> LogOutForm | None:
    """Return what logs the person out at the provider too; `None` for local accounts and where that cannot be."""
    provider = providers.get(session.provider)
    tokens = _tokens(database, desk, session)
    if provider is None or tokens is None:
        return None
    try:
        return provider.log_out_form(tokens.id_token)
    except ProviderDown:
        return None


def end_by_provider(database: Database, clock: Clock, providers: Providers, *, name: str, token: str) -> int:
    """End the sessions that a provider's log-out token means, and return how many.

    Raises `NoSuchProvider`, `ProviderDown`, `NotVouched` also for a token that was used. OpenID Connect Back-Channel
    Logout 1.0.
    """
    provider = _provider(providers, name)
    log_out = provider.log_out(token)
    at, issuer = clock.now(), provider.terms.issuer
    with database.unit_of_work() as work:
        if not work.sessions.use_log_out(issuer, log_out.token_id, at):
            raise NotVouched(provider=name, why="jti")
        found = work.sessions.of_provider(issuer, log_out.subject, name, log_out.provider_session, most=MOST_ENDED)
        ended = work.sessions.end(found, at, SessionEnd.PROVIDER)
        work.commit()
    return ended


def _begun(work: UnitOfWork, clock: Clock, desk: IdentityDesk, terms: ProviderTerms, vouched: Vouched) -> SignedIn:
    at = clock.now()
    account = work.accounts.of_identity(vouched.issuer, vouched.subject)
    if account is None:
        account = _mapped(work, clock, terms, vouched, at)
    if not account.is_open or account.kind is not terms.kind:
        raise UnknownPerson(provider=terms.name)
    _follow_claim(work, terms, account, vouched, at)
    found = work.accounts.credentials(account.name)
    assert found is not None, "it was just found"
    signed = begin_for(work, desk, found, at, provider=terms.name, asks_second_factor=not terms.second_factor)
    _keep_tokens(work, desk, signed.begun.session, vouched)
    session = work.sessions.find(digest_of(signed.begun.secret))
    assert session is not None, "it was just begun"
    begun = Begun(secret=signed.begun.secret, session=session, ends_at=session.ends_at(desk.rules.sessions))
    return SignedIn(begun=begun, firms=signed.firms)


def _mapped(work: UnitOfWork, clock: Clock, terms: ProviderTerms, vouched: Vouched, at: datetime) -> Account:
    """Return the account of a person who comes for the first time, as the settings say. Raises `UnknownPerson`."""
    by = PROVIDER_PREFIX + terms.name
    try:
        name = checked_name(vouched.text(terms.claims.name))
    except WrongAccountName:
        raise UnknownPerson(provider=terms.name) from None
    account = work.accounts.find(name)
    if account is None and terms.makes_accounts:
        label = vouched.text(terms.claims.label)
        account = new_account(work, clock, name=name, kind=terms.kind, label=label, by=by)
    elif account is not None and (not terms.links_accounts or account.has_password or account.kind is not terms.kind):
        account = None
    if account is None or work.accounts.has_identity(vouched.issuer, account.account_id):
        raise UnknownPerson(provider=terms.name)
    work.accounts.link(vouched.issuer, vouched.subject, account.account_id, at=at, by=by)
    work.accounts.record(account.account_id, AccountStep.LINK, reason=terms.name, at=at, by=by)
    return account


def _follow_claim(work: UnitOfWork, terms: ProviderTerms, account: Account, vouched: Vouched, at: datetime) -> None:
    """Let the user own the firms of the claim, if one is set, and no longer those that only an earlier one named."""
    if terms.kind is not AccountKind.FIRM or not terms.claims.firm:
        return
    by = PROVIDER_PREFIX + terms.name
    claimed = set(vouched.firms(terms.claims.firm)[:MOST_DELEGATIONS])
    before = {each.uscc: each for each in work.accounts.of_account(account.account_id, most=MOST_DELEGATIONS)}
    for uscc in sorted(claimed - before.keys()):
        work.accounts.delegate(uscc, account.account_id, is_owner=True, granted=True, at=at, by=by)
    for uscc, each in sorted(before.items()):
        if each.by == by and uscc not in claimed:
            work.accounts.delegate(uscc, account.account_id, is_owner=each.is_owner, granted=False, at=at, by=by)


def _acts_for(work: UnitOfWork, account: Account, uscc: Uscc) -> bool:
    return any(each.uscc == uscc for each in work.accounts.of_account(account.account_id, most=MOST_DELEGATIONS))


def _keep_tokens(work: UnitOfWork, desk: IdentityDesk, session: Session, vouched: Vouched) -> None:
    kept = json.dumps(
        {
            "issuer": vouched.issuer,
            "subject": vouched.subject,
            "id_token": vouched.id_token,
            "refresh_token": vouched.refresh_token,
        }
    ).encode()
    sealed = desk.sealer.seal_secret(kept, _session_owner(session))
    tokens = SessionTokens(provider_session=vouched.provider_session, sealed=sealed, checked_at=vouched.at)
    work.sessions.keep_tokens(session.session_id, tokens)


def _tokens(database: Database, desk: IdentityDesk, session: Session) -> Vouched | None:
    with database.unit_of_work() as work:
        tokens = work.sessions.tokens(session.session_id)
    if tokens is None:
        return None
    kept = json.loads(desk.sealer.open_secret(tokens.sealed, _session_owner(session)))
    return Vouched(
        issuer=kept["issuer"],
        subject=kept["subject"],
        claims={},
        provider_session=tokens.provider_session,
        id_token=kept["id_token"],
        refresh_token=kept["refresh_token"],
        at=tokens.checked_at,
    )


def _provider(providers: Providers, name: str) -> IdentityProvider:
    try:
        return providers[name]
    except KeyError:
        raise NoSuchProvider(name=name) from None


def _session_owner(session: Session) -> str:
    # The account, not the session: the tokens go with every new id.
    return f"account {session.account_id} session"


def _request_owner(digest: bytes) -> str:
    return f"provider request {digest.hex()}"
