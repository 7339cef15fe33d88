"""One-time codes of an app (TOTP, RFC 6238), and recovery codes for when the phone is lost.

Guarantees that a code is good for one sign-in and that secrets are sealed for their account. pyotp computes the codes;
it is small, does nothing else, and takes the time as an argument.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyotp

from policy_match.errors import InputError
from policy_match.identity.accounts import Account, AccountStep
from policy_match.identity.credentials import (
    RECOVERY_CODES,
    TOTP_DIGITS,
    TOTP_DRIFT_STEPS,
    TOTP_STEP,
    recovery_code_spelling,
)
from policy_match.identity.sessions import SessionEnd
from policy_match.ports import Clock, Database, UnitOfWork
from policy_match.ports.identity import Credentials
from policy_match.services.accounts import NoSuchAccount, existing, other_person
from policy_match.services.identity_desk import IdentityDesk, digest_of
from policy_match.services.sessions import end_sessions_of

ISSUER = "policy-match"
RECOVERY_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that are not taken for each other."""
RECOVERY_LENGTH = 16


class WrongCode(InputError):
    """The code is not right, or was used."""

    code = "sign-in.code"
    http_status = 401
    english = "the code is not right, or was used already; wait for the next one and type it again"
    chinese = "验证码不正确或已使用；请等待下一个验证码后重试"


class NotEnrolling(InputError):
    """A code would confirm a secret, and none waits for it."""

    code = "account.not-enrolling"
    http_status = 409
    english = "no second factor of {name} waits to be confirmed; begin to set one up first"
    chinese = "{name} 没有待确认的两步验证；请先开始设置"


class HasSecondFactor(InputError):
    """Somebody would set up a second factor beside one that is in use."""

    code = "account.has-second-factor"
    http_status = 409
    english = "{name} has a second factor; an administrator takes the old one away before a new one is set up"
    chinese = "{name} 已设置两步验证；须由系统管理员先取消原有设置"


@dataclass(frozen=True, kw_only=True, slots=True)
class Enrolment:
    """What an app needs, said once: the secret, and the same as an address for a QR code."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


def begin_totp(database: Database, clock: Clock, desk: IdentityDesk, *, name: str) -> Enrolment:
    """Make a secret that the first right code confirms; one that waits is replaced.

    Raises `NoSuchAccount`, `HasSecondFactor`.
    """
    secret = pyotp.random_base32()
    with database.unit_of_work() as work:
        account = existing(work, name)
        if account.has_totp:
            raise HasSecondFactor(name=name)
        work.accounts.keep_totp(account.account_id, desk.sealer.seal_secret(secret.encode(), _owner(account)))
        work.commit()
    address = _totp(secret).provisioning_uri(name=name, issuer_name=ISSUER)
    return Enrolment(secret=secret, address=address)


def confirm_totp(database: Database, clock: Clock, desk: IdentityDesk, *, name: str, code: str) -> Sequence[str]:
    """Confirm the secret by its first code and return recovery codes, said once.

    Raises `NoSuchAccount`, `NotEnrolling`, `WrongCode`.
    """
    with database.unit_of_work() as work:
        codes = confirmed_totp(work, clock.now(), desk, name=name, code=code)
        work.commit()
    return codes


def confirmed_totp(work: UnitOfWork, at: datetime, desk: IdentityDesk, *, name: str, code: str) -> Sequence[str]:
    """Confirm a secret within other work. Raises as `confirm_totp`."""
    found = work.accounts.credentials(name)
    if found is None:
        raise NoSuchAccount(name=name)
    if found.totp is None or found.totp_confirmed:
        raise NotEnrolling(name=name)
    step = _step_of(code, found, desk, at)
    if step is None or not work.accounts.use_totp_step(found.account.account_id, step, confirms=True):
        raise WrongCode
    work.accounts.record(found.account.account_id, AccountStep.TOTP, at=at, by=name)
    return new_recovery_codes(work, found.account, at, by=name)


def take_code(work: UnitOfWork, at: datetime, desk: IdentityDesk, found: Credentials, code: str) -> None:
    """Use up a one-time code or a recovery code of an account. Raises `WrongCode`."""
    account = found.account
    if code.strip().isdigit() and len(code.strip()) == TOTP_DIGITS:
        step = _step_of(code.strip(), found, desk, at) if found.totp_confirmed else None
        if step is None or not work.accounts.use_totp_step(account.account_id, step, confirms=False):
            raise WrongCode
        return
    if not work.accounts.use_recovery_code(account.account_id, digest_of(recovery_code_spelling(code))):
        raise WrongCode
    work.accounts.record(account.account_id, AccountStep.CODE_USED, at=at, by=account.name)


def new_recovery_codes(work: UnitOfWork, account: Account, at: datetime, *, by: str) -> Sequence[str]:
    """Make recovery codes in the place of the old ones and return them, this once."""
    codes = ["".join(secrets.choice(RECOVERY_SIGNS) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    work.accounts.keep_recovery_codes(account.account_id, [digest_of(code) for code in codes])
    work.accounts.record(account.account_id, AccountStep.CODES, at=at, by=by)
    return ["-".join(code[start : start + 4] for start in range(0, RECOVERY_LENGTH, 4)) for code in codes]


def drop_totp(database: Database, clock: Clock, desk: IdentityDesk, *, name: str, by: str) -> bool:
    """Take another's second factor and recovery codes away and end his sessions; return whether there was one.

    Raises `NoSuchAccount`, `OwnAccount`.
    """
    by = other_person(name, by)
    with database.unit_of_work() as work:
        account = existing(work, name)
        if not account.has_totp:
            return False
        work.accounts.keep_totp(account.account_id, None)
        work.accounts.keep_recovery_codes(account.account_id, [])
        at = clock.now()
        work.accounts.record(account.account_id, AccountStep.TOTP_OFF, at=at, by=by)
        end_sessions_of(work, desk, account, at, SessionEnd.CREDENTIALS)
        work.commit()
    return True


def _step_of(code: str, found: Credentials, desk: IdentityDesk, at: datetime) -> int | None:
    """Return the time step that a code belongs to, among those that are taken now."""
    assert found.totp is not None, "who has a confirmed secret has a secret"
    totp = _totp(desk.sealer.open_secret(found.totp, _owner(found.account)).decode())
    now = int(at.timestamp()) // int(TOTP_STEP.total_seconds())
    matching = [
        step
        for step in range(now - TOTP_DRIFT_STEPS, now + TOTP_DRIFT_STEPS + 1)
        if secrets.compare_digest(totp.generate_otp(step), code)
    ]
    return matching[-1] if matching else None


def _totp(secret: str) -> pyotp.TOTP:
    return pyotp.TOTP(secret, digits=TOTP_DIGITS, interval=int(TOTP_STEP.total_seconds()))


def _owner(account: Account) -> str:
    return f"account {account.account_id} totp"
