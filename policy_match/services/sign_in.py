"""Signs people in: by password, then by a second factor, then for one firm.

Guarantees that an account that is not there answers as one with a wrong password does, as late and in the same words;
that each step up gives the session a new id; and that guessing is slowed down. The cookie is `web.identity`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from policy_match.errors import InputError
from policy_match.identity.accounts import Account, AccountKind, AccountStep, Delegation
from policy_match.identity.sessions import Session, WaitsFor
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.identity import Credentials
from policy_match.services.accounts import MOST_DELEGATIONS
from policy_match.services.attempts import attempt
from policy_match.services.identity_desk import IdentityDesk
from policy_match.services.second_factor import confirmed_totp, take_code
from policy_match.services.sessions import Begun, NoSession, begin_session
from policy_match.values import Uscc

PASSWORD, CODE = "password", "code"
"""What is guessed at; each has a count of its own."""


class WrongSignIn(InputError):
    """Name and password do not belong together, or the account is closed; which, is not said."""

    code = "sign-in.wrong"
    exit_code = 4
    http_status = 401
    english = "the name or the password is not right, or the account is closed; try again, or ask an administrator"
    chinese = "账号或密码不正确，或账号已停用；请重试或联系系统管理员"


class NoLocalAccounts(InputError):
    """The installation has people sign in with a provider."""

    code = "sign-in.no-local-accounts"
    http_status = 403
    english = "passwords are not taken here; sign in with a provider"
    chinese = "本系统不接受密码登录；请使用统一身份认证登录"


class NotWaiting(InputError):
    """The session does not wait for this."""

    code = "sign-in.not-waiting"
    http_status = 409
    english = "the session does not wait for this; ask who you are to see what it waits for"
    chinese = "当前会话不在等待此步骤；请先查询会话状态"


class NotYourFirm(InputError):
    """The user may not act for that firm."""

    code = "sign-in.firm"
    http_status = 403
    english = "you may not act for {uscc}; the firm's owner delegates users"
    chinese = "您无权代表 {uscc} 办理；须由该企业负责人授权"


class NoFirm(InputError):
    """The user acts for no firm."""

    code = "sign-in.no-firm"
    http_status = 403
    english = "no firm has delegated you; ask a firm's owner to do so"
    chinese = "没有企业授权您办理；请联系企业负责人授权"


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    """A session that has begun, what it waits for, and the firms that the user may act for."""

    begun: Begun
    firms: Sequence[Delegation]


def sign_in(
    database: Database, clock: Clock, desk: IdentityDesk, *, name: str, password: str, address: str
) -> SignedIn:
    """Check a password and begin a session, which may wait for a second factor or the choice of a firm.

    Not within a transaction that a refusal takes back: the failure must stay. Raises `NoLocalAccounts`, `TooHasty`,
    `WrongSignIn`, `NoFirm`.
    """
    if not desk.rules.local_accounts:
        raise NoLocalAccounts
    with attempt(database, clock, desk, what=PASSWORD, name=name, address=address) as tried:
        with database.unit_of_work() as work:
            found = work.accounts.credentials(name)
        password_hash = None if found is None else found.password_hash
        is_right = desk.passwords.is_right(password_hash, password)
        if not is_right or found is None or password_hash is None or not found.account.is_open:
            raise WrongSignIn
        tried.right()
    new_hash = desk.passwords.hashed(password) if desk.passwords.is_outdated(password_hash) else None
    with database.unit_of_work() as work:
        at = clock.now()
        if new_hash is not None:
            work.accounts.keep_password(found.account.account_id, new_hash)
            work.accounts.record(
                found.account.account_id, AccountStep.PASSWORD, reason="hashed anew", at=at, by=found.account.name
            )
        signed = begin_for(work, desk, found, at)
        work.commit()
    return signed


def begin_for(
    work: UnitOfWork,
    desk: IdentityDesk,
    found: Credentials,
    at: datetime,
    *,
    provider: str = "",
    asks_second_factor: bool = True,
) -> SignedIn:
    """Begin a session of somebody who proved who he is, as far as it goes. Raises `NoFirm`."""
    waits_for = _second_factor(desk, found) if asks_second_factor else None
    return _as_far_as_it_goes(work, desk, found.account, at, waits_for, provider=provider)


def give_code(
    database: Database, clock: Clock, desk: IdentityDesk, session: Session, *, code: str, address: str
) -> SignedIn:
    """Take the second factor of a session that waits for it.

    Not within a transaction that a refusal takes back. Raises `NotWaiting`, `TooHasty`, `WrongCode`, `NoFirm`.
    """
    if session.waits_for is not WaitsFor.SECOND_FACTOR:
        raise NotWaiting
    with attempt(database, clock, desk, what=CODE, name=session.name, address=address) as tried:
        with database.unit_of_work() as work:
            at = clock.now()
            found = _credentials(work, session)
            take_code(work, at, desk, found, code)
            signed = _as_far_as_it_goes(work, desk, found.account, at, None, instead_of=session)
            work.commit()
        tried.right()
    return signed


def confirm_enrolment(
    database: Database, clock: Clock, desk: IdentityDesk, session: Session, *, code: str, address: str
) -> tuple[SignedIn, Sequence[str]]:
    """Confirm a new second factor in a session, and go on with it; return the recovery codes too, said once.

    Not within a transaction that a refusal takes back. Raises `NotWaiting`, `NotEnrolling`, `TooHasty`, `WrongCode`.
    """
    if session.waits_for not in (WaitsFor.ENROLMENT, None):
        raise NotWaiting
    with attempt(database, clock, desk, what=CODE, name=session.name, address=address) as tried:
        with database.unit_of_work() as work:
            at = clock.now()
            found = _credentials(work, session)
            codes = confirmed_totp(work, at, desk, name=session.name, code=code)
            signed = _as_far_as_it_goes(work, desk, found.account, at, None, instead_of=session, uscc=session.uscc)
            work.commit()
        tried.right()
    return signed, codes


def choose_firm(database: Database, clock: Clock, desk: IdentityDesk, session: Session, *, uscc: Uscc) -> SignedIn:
    """Say for which firm the user acts from here on, with a new id. Raises `NotWaiting`, `NotYourFirm`."""
    if session.kind is not AccountKind.FIRM or session.waits_for not in (WaitsFor.FIRM, None):
        raise NotWaiting
    with database.unit_of_work() as work:
        at, account = clock.now(), _credentials(work, session).account
        firms = work.accounts.of_account(account.account_id, most=MOST_DELEGATIONS)
        if uscc not in {each.uscc for each in firms}:
            raise NotYourFirm(uscc=uscc)
        begun = begin_session(work, desk, account, at, uscc=uscc, instead_of=session)
        work.commit()
    return SignedIn(begun=begun, firms=firms)


def _second_factor(desk: IdentityDesk, found: Credentials) -> WaitsFor | None:
    if found.totp_confirmed:
        return WaitsFor.SECOND_FACTOR
    if found.account.kind is AccountKind.STAFF and desk.rules.staff_second_factor:
        return WaitsFor.ENROLMENT
    return None


def _as_far_as_it_goes(
    work: UnitOfWork,
    desk: IdentityDesk,
    account: Account,
    at: datetime,
    waits_for: WaitsFor | None,
    *,
    provider: str = "",
    instead_of: Session | None = None,
    uscc: Uscc | None = None,
) -> SignedIn:
    firms: Sequence[Delegation] = ()
    if account.kind is AccountKind.FIRM and waits_for is None:
        firms = work.accounts.of_account(account.account_id, most=MOST_DELEGATIONS)
        if not firms:
            raise NoFirm
        if uscc is None:
            only = firms[0].uscc if len(firms) == 1 else None
            uscc, waits_for = only, None if only is not None else WaitsFor.FIRM
    begun = begin_session(
        work, desk, account, at, provider=provider, waits_for=waits_for, uscc=uscc, instead_of=instead_of
    )
    return SignedIn(begun=begun, firms=firms)


def _credentials(work: UnitOfWork, session: Session) -> Credentials:
    found = work.accounts.credentials(session.name)
    if found is None or not found.account.is_open:
        raise NoSession
    return found
