"""Lets a person change his own password.

Guarantees that who finds an open session cannot take the account over: the old password is asked, and guessing at it
is slowed down as at sign-in.
"""

from policy_match.identity.credentials import check_password
from policy_match.identity.sessions import Session
from policy_match.ports import Clock, Database
from policy_match.services.accounts import set_password
from policy_match.services.attempts import attempt
from policy_match.services.identity_desk import IdentityDesk
from policy_match.services.sign_in import PASSWORD, NoLocalAccounts, WrongSignIn


def change_password(
    database: Database, clock: Clock, desk: IdentityDesk, session: Session, *, old: str, new: str, address: str
) -> None:
    """Change a password and end all other sessions.

    Not within a transaction that a refusal takes back. Raises `NoLocalAccounts`, `WeakPassword`, `TooHasty`,
    `WrongSignIn`.
    """
    if not desk.rules.local_accounts:
        raise NoLocalAccounts
    check_password(new, session.name)
    with attempt(database, clock, desk, what=PASSWORD, name=session.name, address=address) as tried:
        with database.unit_of_work() as work:
            found = work.accounts.credentials(session.name)
        if found is None or not desk.passwords.is_right(found.password_hash, old):
            raise WrongSignIn
        tried.right()
    set_password(
        database, clock, desk, name=session.name, password=new, by=session.name, but_session=session.session_id
    )
