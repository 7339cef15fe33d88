"""Tokens of other systems."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from policy_match.identity.principal import Scope
from policy_match.services import machine_tokens
from policy_match.services.machine_tokens import NoSuchToken, TokenUnfit
from policy_match.web.call import Call
from policy_match.web.models import BLANK, Input, Moment, Number, Output, Page, PageQuery, Query
from policy_match.web.operation import Chapter, Made, Method, Tag

CHAPTER = Chapter(Tag.TOKENS)
OPERATIONS = CHAPTER.operations


class TokenId(Query):
    """Which token."""

    token_id: Number


class TokenInput(Input):
    """A new token."""

    name: Annotated[str, StringConstraints(pattern=rf"^[^{BLANK}]+$", max_length=60)]
    scopes: Annotated[list[Annotated[Scope, Field(strict=False)]], Field(min_length=1, max_length=len(Scope))]
    ends_on: Annotated[date, Field(strict=False, description="the last day on which it is good")]


class TokenItem(Output):
    """One token; of the token itself only the beginning is known."""

    token_id: int
    name: str
    prefix: str
    scopes: list[Scope]
    ends_on: date
    at: Moment
    by: str
    ended_at: Moment | None


class TokenAnswer(Output):
    """A new token, said once."""

    token: TokenItem
    secret: Annotated[str, Field(description="to be sent as `Authorization: Bearer`")]


@CHAPTER.operation(Method.GET, "/tokens")
def list_tokens(call: Call, query: PageQuery) -> Page[TokenItem]:
    """List tokens by number, those that ended too."""
    found = machine_tokens.tokens(call.database, after=call.cursors.number(), most=query.limit + 1)
    return call.page(Page[TokenItem], found, query.limit, "token_id")


@CHAPTER.operation(Method.POST, "/tokens", raises=(TokenUnfit,), secret=True)
def make_token(call: Call, body: TokenInput) -> Made[TokenAnswer]:
    """Make a token for another system. It is said this once."""
    made = machine_tokens.make_token(
        call.database,
        call.clock,
        name=body.name,
        scopes=frozenset(body.scopes),
        ends_on=body.ends_on,
        by=call.by,
    )
    return Made(TokenAnswer.model_validate(made), f"/tokens/{made.token.token_id}")


@CHAPTER.operation(Method.DELETE, "/tokens/{token_id}", raises=(NoSuchToken,))
def end_token(call: Call, path: TokenId) -> None:
    """End a token at once."""
    machine_tokens.end_token(call.database, call.clock, token_id=path.token_id, by=call.by)
