"""Everything that happened to one case in the order of time: who, when, what, and what it rests on.

Guarantees that each thing that the parts of the trail hold with a moment is in it once. The parts themselves, with
their facts, conditions and amounts, are shown beside it by the entry points.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from policy_match.audit.evidence import CaseEvidence
from policy_match.cases.history import CaseFile
from policy_match.cases.rechecking import RECHECK_WORDS
from policy_match.cases.words import EVENT_WORDS, Words
from policy_match.ledger.words import TRANSFER_WORDS
from policy_match.notices.history import NoticeLine
from policy_match.notices.words import KIND_WORDS
from policy_match.payments.trail import PaymentTrail
from policy_match.payments.words import STEP_WORDS


class TrailPart(StrEnum):
    """The part of the trail to which something belongs; in this order when it happened at one moment."""

    OPENING = "opening"
    STEP = "step"
    RECHECK = "recheck"
    NOTICE = "notice"
    OBJECTION = "objection"
    APPEAL = "appeal"
    CORRECTION = "correction"
    BUDGET = "budget"
    LIST = "list"
    ORDER = "order"
    ATTEMPT = "attempt"
    BATCH = "batch"
    BANK = "bank"
    LEDGER = "ledger"
    RECOVERY = "recovery"
    ORDER_TO_ACT = "order_to_act"


ORDER = {part: place for place, part in enumerate(TrailPart)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """One thing that happened. `about` is what it rests on, in the words of the row; `amount_fen` its money."""

    at: datetime
    part: TrailPart
    what: Words
    by: str
    about: str = ""
    amount_fen: int | None = None


def chronicle(
    file: CaseFile, money: PaymentTrail, evidence: CaseEvidence, notices: Sequence[NoticeLine]
) -> Sequence[Happening]:
    """Return everything that happened to a case, the earliest first."""
    found = [*_case(file), *_told(notices), *_money(money), *_behind(evidence)]
    return sorted(found, key=lambda each: (each.at, ORDER[each.part]))


def _case(file: CaseFile) -> Iterator[Happening]:
    yield Happening(
        at=file.opened_at,
        part=TrailPart.OPENING,
        what=Words("由比对批次启动", "opened from a sweep"),
        by=file.opened_by,
        about=f"sweep:{file.sweep_id[:12]}",
        amount_fen=None if file.entitlement is None else file.entitlement.entitled_fen,
    )
    for event in file.events:
        about = " · ".join(filter(None, (event.reason, event.about)))
        yield Happening(
            at=event.at,
            part=TrailPart.STEP,
            what=EVENT_WORDS[event.event],
            by=event.by,
            about=about,
            amount_fen=event.amount_fen,
        )
    for recheck in file.rechecks:
        english, chinese = RECHECK_WORDS[recheck.outcome]
        yield Happening(
            at=recheck.at,
            part=TrailPart.RECHECK,
            what=Words(chinese, english),
            by=recheck.by,
            about=f"recheck:{recheck.number} · sweep:{recheck.sweep_id[:12]}",
            amount_fen=recheck.amount_fen,
        )
    for objection in file.objections:
        yield Happening(
            at=objection.at,
            part=TrailPart.OBJECTION,
            what=Words("提出异议", "objected"),
            by=objection.lodged_by,
            about=objection.ground,
        )
        if objection.answered_at is not None:
            yield Happening(
                at=objection.answered_at,
                part=TrailPart.OBJECTION,
                what=Words("答复异议", "the objection was answered"),
                by=objection.answered_by or "",
                about=objection.answer or "",
            )


def _told(notices: Sequence[NoticeLine]) -> Iterator[Happening]:
    for notice in notices:
        kind = KIND_WORDS[notice.kind]
        yield Happening(
            at=notice.at,
            part=TrailPart.NOTICE,
            what=Words(f"应通知：{kind.zh}", f"to be told: {kind.en}"),
            by="system",
            about=notice.recipient,
        )


def _money(money: PaymentTrail) -> Iterator[Happening]:
    for grant in money.grants:
        yield Happening(
            at=grant.at,
            part=TrailPart.BUDGET,
            what=Words("分配预算", "a share of the budget"),
            by=grant.by,
            about=" ".join(line for line, _ in grant.shares),
            amount_fen=grant.granted_fen,
        )
    for made in money.lists:
        yield Happening(
            at=made.at,
            part=TrailPart.LIST,
            what=Words(f"列入审批名单 {made.list_id}", f"put on approval list {made.list_id}"),
            by=made.by,
            about=made.digest,
            amount_fen=made.amount_fen,
        )
        for each in made.signatures:
            yield Happening(
                at=each.at,
                part=TrailPart.LIST,
                what=Words(f"签署审批名单 {made.list_id}", f"approval list {made.list_id} signed"),
                by=each.person,
                about=f"{each.role} · {each.stage}",
            )
        if made.ended_at is not None:
            yield Happening(
                at=made.ended_at,
                part=TrailPart.LIST,
                what=Words(f"审批名单 {made.list_id} 结束", f"approval list {made.list_id} ended"),
                by=made.ended_by or "",
                about=" · ".join(filter(None, (made.outcome or "", made.reason))),
            )
    for order in money.orders:
        yield Happening(
            at=order.at,
            part=TrailPart.ORDER,
            what=Words(f"支付令 {order.order_id}", f"payment order {order.order_id}"),
            by=order.by,
            about=f"list:{order.list_id} · recheck:{order.recheck}",
            amount_fen=order.amount_fen,
        )
    for attempt in money.attempts:
        yield Happening(
            at=attempt.at,
            part=TrailPart.ATTEMPT,
            what=Words(f"第 {attempt.number} 次支付", f"attempt {attempt.number} to pay"),
            by=attempt.by,
            about=attempt.attempt_id,
            amount_fen=attempt.amount_fen,
        )
        for step in attempt.steps:
            about = " · ".join(filter(None, (attempt.attempt_id, step.reason_code, step.about)))
            yield Happening(at=step.at, part=TrailPart.ATTEMPT, what=STEP_WORDS[step.event], by=step.by, about=about)
    for recovery in money.recoveries:
        yield Happening(
            at=recovery.at,
            part=TrailPart.RECOVERY,
            what=Words("决定追回", "asked back"),
            by=recovery.by,
            about=recovery.ground,
            amount_fen=recovery.amount_fen,
        )


def _behind(evidence: CaseEvidence) -> Iterator[Happening]:
    for batch in evidence.batches:
        name = f"{batch.file_name} · {batch.attempt_id}"
        yield Happening(
            at=batch.at,
            part=TrailPart.BATCH,
            what=Words(f"编入批次 {batch.batch_id}", f"put into batch {batch.batch_id}"),
            by=batch.by,
            about=name,
        )
        if batch.handed_over_at is not None:
            yield Happening(
                at=batch.handed_over_at,
                part=TrailPart.BATCH,
                what=Words(f"银行签收批次 {batch.batch_id}", f"the bank has batch {batch.batch_id}"),
                by="",
                about=name,
            )
    for line in evidence.bank_lines:
        yield Happening(
            at=line.at,
            part=TrailPart.BANK,
            what=Words("银行文件中的记录", "a line of the bank's file"),
            by=line.by,
            about=" · ".join(filter(None, (line.file_name, f"#{line.number}", line.line_ref or "", line.reason_code))),
            amount_fen=line.out_fen,
        )
    for entry in evidence.ledger:
        yield Happening(
            at=entry.at,
            part=TrailPart.LEDGER,
            what=TRANSFER_WORDS[entry.kind],
            by=entry.by,
            about=f"{entry.line} · {entry.debit} → {entry.credit}",
            amount_fen=entry.amount_fen,
        )
    for receipt in evidence.receipts:
        yield Happening(
            at=receipt.at,
            part=TrailPart.RECOVERY,
            what=Words("追回款到账", "money came back"),
            by=receipt.by,
            about=f"{receipt.line_ref} · {receipt.file_name}",
            amount_fen=receipt.amount_fen,
        )
    for appeal in evidence.appeals:
        yield Happening(
            at=appeal.at,
            part=TrailPart.APPEAL,
            what=Words("提出申诉", "appealed"),
            by=appeal.lodged_by,
            about=appeal.ground,
        )
        if appeal.replayed_at is not None:
            yield Happening(
                at=appeal.replayed_at,
                part=TrailPart.APPEAL,
                what=Words("复算判定", "decided again"),
                by=appeal.replayed_by or "",
            )
    for correction in evidence.corrections:
        yield Happening(
            at=correction.at,
            part=TrailPart.CORRECTION,
            what=Words(f"申请更正 {correction.fact}", f"asked to correct {correction.fact}"),
            by=correction.by,
            about=f"{correction.claim} · {correction.reason}",
        )
        if correction.answered_at is not None:
            yield Happening(
                at=correction.answered_at,
                part=TrailPart.CORRECTION,
                what=Words(f"答复更正 {correction.fact}", f"the correction of {correction.fact} was answered"),
                by=correction.answered_by or "",
                about=f"{correction.outcome} · {correction.answer}",
            )
    for order in evidence.orders_to_act:
        yield Happening(
            at=order.at,
            part=TrailPart.ORDER_TO_ACT,
            what=Words("督办单", "an order to act"),
            by=order.by,
            about=f"{order.unit} · {order.ground}",
        )
