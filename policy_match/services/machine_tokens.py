"""Tokens of other systems: made, looked up, ended.

Guarantees that a token is said once and kept as its SHA-256 alone, that it ends on its day, and that machines make no
tokens. Which operation needs which scope is the web's table.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from policy_match.cases.working_days import china_day
from policy_match.errors import InputError
from policy_match.identity.principal import Machine, Scope
from policy_match.identity.tokens import LONGEST_DAYS, MARK, TOKEN, MachineToken, prefix_of
from policy_match.ports import Clock, Database
from policy_match.services.identity_desk import digest_of, new_secret
from policy_match.services.roles import staff

MOST_NAME = 60


class TokenUnfit(InputError):
    """Not a token that can be made."""

    code = "token.unfit"
    english = (
        "a token has a name of at most {name} letters without spaces, at least one scope, and ends within {days} days;"
        " correct it"
    )
    chinese = "令牌须有不超过 {name} 个字符且不含空格的名称、至少一项权限范围，并在 {days} 天内到期；请更正"


class NoSuchToken(InputError):
    """There is no token of that number."""

    code = "token.unknown"
    http_status = 404
    english = "there is no token {token_id}; see `policy-match tokens list`"
    chinese = "没有编号为 {token_id} 的令牌；请见 policy-match tokens list"


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenMade:
    """A token, and its secret, which is said this once."""

    token: MachineToken
    secret: str = field(repr=False)


def make_token(
    database: Database, clock: Clock, *, name: str, scopes: Collection[Scope], ends_on: date, by: str
) -> TokenMade:
    """Make a token. Raises `TokenUnfit`, `NobodyNamed`, `NotAPerson`."""
    by, at = staff(by, "token"), clock.now()
    today = china_day(at)
    good_name = 0 < len(name) <= MOST_NAME and name.split() == [name]
    if not good_name or not scopes or not today <= ends_on <= today + timedelta(days=LONGEST_DAYS):
        raise TokenUnfit(name=MOST_NAME, days=LONGEST_DAYS)
    secret = MARK + new_secret()
    token = MachineToken(
        token_id=0,
        name=name,
        prefix=prefix_of(secret),
        scopes=frozenset(scopes),
        ends_on=ends_on,
        at=at,
        by=by,
        ended_at=None,
    )
    digest = digest_of(secret)
    with database.unit_of_work() as work:
        work.tokens.add(token, digest)
        kept = work.tokens.find(digest)
        work.commit()
    assert kept is not None, "it was just kept"
    return TokenMade(token=kept, secret=secret)


def machine_of(database: Database, clock: Clock, secret: str) -> Machine | None:
    """Return the machine that a token belongs to; `None` for one that opens nothing today."""
    if TOKEN.fullmatch(secret) is None:
        return None
    with database.unit_of_work() as work:
        token = work.tokens.find(digest_of(secret))
    if token is None or not token.is_good(china_day(clock.now())):
        return None
    return Machine(name=token.name, scopes=token.scopes)


def end_token(database: Database, clock: Clock, *, token_id: int, by: str) -> bool:
    """End a token at once and return whether it had not been ended. Raises `NoSuchToken`, `NobodyNamed`."""
    by = staff(by, "token")
    with database.unit_of_work() as work:
        ended = work.tokens.end(token_id, at=clock.now(), by=by)
        if ended is None:
            raise NoSuchToken(token_id=token_id)
        work.commit()
    return ended


def tokens(database: Database, *, after: int = 0, most: int) -> Sequence[MachineToken]:
    """Return a page of tokens by number, after a given one; those that ended too."""
    with database.unit_of_work() as work:
        return work.tokens.tokens(after=after, most=most)
