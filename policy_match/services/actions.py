"""Keeps what was done over the web, and answers who asks the same again with what was answered then.

Guarantees that one `Idempotency-Key` of one actor does one thing, however often it is sent and whoever crashes: the
action is kept in the transaction of its change (draft-ietf-httpapi-idempotency-key-header-07). Which requests need a
key is left to the web.
"""

from datetime import timedelta

from policy_match.errors import InputError
from policy_match.ports import Clock, Database
from policy_match.ports.actions import ActionRow, Actor, KeptAnswer

ANSWERS_KEPT = timedelta(days=14)
MOST_FORGOTTEN = 10_000
"""The most answers that are forgotten in one transaction."""


class KeyInUse(InputError):
    """The same key is being worked on at this moment."""

    code = "request.key-in-use"
    http_status = 409
    retry_helps = True
    english = "a request with this Idempotency-Key is being worked on; send it again in a moment"
    chinese = "相同 Idempotency-Key 的请求正在处理，请稍后重试"


class KeyUsed(InputError):
    """The key stands for another request."""

    code = "request.key-used"
    http_status = 422
    english = "this Idempotency-Key was used for another request; make a new key for a new request"
    chinese = "该 Idempotency-Key 已用于其他请求；新请求请使用新的键"


class AnswerGone(InputError):
    """The request was answered, and the answer is not kept."""

    code = "request.answer-gone"
    http_status = 409
    english = "this request was carried out at {at}, and its answer is not kept; look at the thing itself"
    chinese = "该请求已于 {at} 办理，其应答不再保存；请直接查询办理结果"


def answer_given(database: Database, actor: Actor, key: str, request_digest: bytes) -> KeptAnswer | None:
    """Take the right to use a key until the transaction ends; return the answer if the same was asked before.

    Raises `KeyInUse`, `KeyUsed`, `AnswerGone`.
    """
    with database.unit_of_work() as work:
        if not work.actions.claim_key(actor, key):
            raise KeyInUse
        use = work.actions.use_of(actor, key)
        work.commit()
    if use is None:
        return None
    if use.request_digest != request_digest:
        raise KeyUsed
    if use.answer is None:
        raise AnswerGone(at=use.at.isoformat(timespec="seconds"))
    return use.answer


def take_turn(database: Database, place: str) -> None:
    """Wait until nobody else changes what is at a place, and keep others waiting until the transaction ends."""
    with database.unit_of_work() as work:
        work.actions.lock_place(place)
        work.commit()


def keep_action(database: Database, row: ActionRow, answer: KeptAnswer | None) -> None:
    """Keep an action with its answer, `None` when it holds a secret."""
    with database.unit_of_work() as work:
        work.actions.add(row, answer)
        work.commit()


def forget_answers(database: Database, clock: Clock) -> int:
    """Forget the answers of actions that are older than `ANSWERS_KEPT`, and return how many."""
    forgotten = 0
    while True:
        with database.unit_of_work() as work:
            found = work.actions.forget_answers(clock.now() - ANSWERS_KEPT, MOST_FORGOTTEN)
            work.commit()
        forgotten += found
        if found < MOST_FORGOTTEN:
            return forgotten
