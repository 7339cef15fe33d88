"""Accounts, orders, attempts and batches.

Guarantees, with the schema, that an order reserves its money in the transaction that makes it, and that a case has at
most one attempt that may still move money. Deciding who is paid is `services.order_payments`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from policy_match.payments.accounts import AccountSource, PayeeAccount
from policy_match.payments.attempts import AttemptStatus
from policy_match.payments.records import (
    BatchEntry,
    BatchRecord,
    CaseMoney,
    NewOrder,
    OrderableCase,
    OrderRecord,
    PaidShare,
    RecoveryRecord,
    ReturnedCase,
    SealedAccount,
)
from policy_match.payments.recovery import RecoveryKind
from policy_match.payments.sealing import SealedNumber
from policy_match.payments.trail import PaymentTrail
from policy_match.policy.model import PayeeKind
from policy_match.storage.driver_errors import InvariantRefused, StepNotPossible
from policy_match.storage.payment_trail import read_orders, read_trail
from policy_match.storage.session import Row, Session
from policy_match.values import Digest, PolicyId, Uscc

PAYMENT_LOCK = 0x706D_7061
FIRST_ATTEMPT = "order"
NEXT_ATTEMPT = "correct"


class PaymentStore:
    """Accounts, orders, attempts and batches."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self) -> None:
        """Wait for the right to make orders and batches, until the transaction ends."""
        self._session.run("lock_payments", purpose=PAYMENT_LOCK)

    def add_accounts(self, accounts: Sequence[SealedAccount], at: datetime, by: str) -> None:
        """Keep accounts as somebody stated them."""
        self._session.run(
            "add_payee_accounts",
            usccs=[each.owner for each in accounts],
            purposes=[each.kind for each in accounts],
            holders=[each.holder for each in accounts],
            sealed=[each.number.sealed for each in accounts],
            key_ids=[each.number.key_id for each in accounts],
            fingerprints=[each.number.fingerprint for each in accounts],
            tails=[each.tail for each in accounts],
            bank_codes=[each.bank_code for each in accounts],
            sources=[each.source for each in accounts],
            at=at,
            by=by,
        )

    def accounts(self, owners: Collection[Uscc], kind: PayeeKind) -> Mapping[Uscc, Sequence[PayeeAccount]]:
        """Return the accounts of some payees, the latest of each source."""
        found: dict[Uscc, list[PayeeAccount]] = {}
        for row in self._session.all("payee_accounts", usccs=list(owners), purpose=kind):
            account = PayeeAccount(
                account_id=row["account_id"],
                owner=Uscc(row["uscc"]),
                holder=row["holder"],
                tail=row["tail"],
                bank_code=row["bank_code"],
                source=AccountSource(row["source"]),
                stated_on=row["at"].date(),
            )
            found.setdefault(account.owner, []).append(account)
        return found

    def orderable(self, policy_id: PolicyId | None, day: date, after: int, most: int) -> Sequence[OrderableCase]:
        """Return a page of approved cases whose payment is due, after a case id."""
        rows = self._session.all("orderable_cases", policy_id=policy_id, day=day, after=after, most=most)
        return [
            OrderableCase(
                case_id=row["case_id"],
                policy_id=PolicyId(row["policy_id"]),
                uscc=Uscc(row["uscc"]),
                record_id=row["record_id"],
                period=row["period"],
                instalment=row["instalment"],
                kind=PayeeKind(row["payee"]),
                list_id=row["list_id"],
                approved_fen=row["approved_fen"],
                allocated=row["allocation"] is not None,
                recheck=row["recheck"],
                recheck_outcome=row["recheck_outcome"],
                registered_name=row["registered_name"],
                excluded=row["excluded"],
                budget_year=row["budget_year"],
                attempts=row["attempts"],
            )
            for row in rows
        ]

    def add_orders(self, orders: Sequence[NewOrder], at: datetime, by: str) -> None:
        """Write orders with their first attempts, reserve the money and step the cases."""
        numbers = [row["order_id"] for row in self._session.all("next_orders", count=len(orders))]
        self._session.copy_rows(
            "payment_order",
            ("order_id", "case_id", "list_id", "recheck", "amount_fen", "at", "by"),
            [
                (number, each.case_id, each.list_id, each.recheck, each.amount_fen, at, by)
                for number, each in zip(numbers, orders, strict=True)
            ],
        )
        self._attempt(list(zip(numbers, orders, strict=True)), FIRST_ATTEMPT, at, by, "")

    def add_attempts(self, orders: Sequence[NewOrder], at: datetime, by: str, reason: str) -> None:
        """Write new attempts for orders that exist, reserve the money again and step the cases."""
        made = [(each.order_id, each) for each in orders if each.order_id is not None]
        assert len(made) == len(orders), "these orders exist"
        self._attempt(made, NEXT_ATTEMPT, at, by, reason)

    def _attempt(self, orders: Sequence[tuple[int, NewOrder]], event: str, at: datetime, by: str, reason: str) -> None:
        self._session.copy_rows(
            "payment_attempt",
            ("attempt_id", "order_id", "case_id", "number", "account_id", "amount_fen", "at", "by"),
            [
                (each.attempt_id, order_id, each.case_id, each.number, each.account_id, each.amount_fen, at, by)
                for order_id, each in orders
            ],
        )
        attempt_ids = [each.attempt_id for _, each in orders]
        self._session.run("reserve_attempts", attempt_ids=attempt_ids)
        if self._session.all("reserved_unlike", attempt_ids=attempt_ids):
            raise InvariantRefused(table="ledger_transfer", constraint="an attempt reserves what it pays")
        stepped = self._session.all(
            "step_cases_of_attempts", attempt_ids=attempt_ids, event=event, at=at, by=by, reason=reason
        )
        if len(stepped) != len(orders):
            raise StepNotPossible(detail=f"{len(orders) - len(stepped)} of {len(orders)} cases moved meanwhile")

    def unbatched(self, most: int) -> Sequence[BatchEntry]:
        """Return stored attempts that are in no batch."""
        return [_entry(row) for row in self._session.all("attempts_without_batch", most=most)]

    def next_batch_id(self) -> int:
        """Return a number for a new batch."""
        row = self._session.one("next_batch")
        assert row is not None
        return int(row["batch_id"])

    def add_batch(self, batch: BatchRecord, attempt_ids: Sequence[str], by: str) -> None:
        """Keep a batch and what it declares."""
        self._session.run(
            "add_batch",
            batch_id=batch.batch_id,
            message_id=batch.message_id,
            channel=batch.channel,
            execute_on=batch.execute_on,
            attempts=batch.count,
            total_fen=batch.total_fen,
            file_name=batch.file_name,
            file_digest=batch.file_digest,
            at=batch.made_at,
            by=by,
        )
        self._session.run("add_batch_attempts", batch_id=batch.batch_id, attempt_ids=list(attempt_ids))

    def batches(self, most: int, batch_id: int | None = None, *, before: int | None = None) -> Sequence[BatchRecord]:
        """Return batches, latest first, from before a given one; or the one asked for."""
        return [
            BatchRecord(
                batch_id=row["batch_id"],
                message_id=row["message_id"],
                channel=row["channel"],
                execute_on=row["execute_on"],
                count=row["attempts"],
                total_fen=row["total_fen"],
                file_name=row["file_name"],
                file_digest=Digest(row["file_digest"]),
                made_at=row["at"],
                handed_over_at=row["handed_over_at"],
                statuses={AttemptStatus(status): n for status, n in row["statuses"].items()},
            )
            for row in self._session.all("batches", batch_id=batch_id, before=before, most=most)
        ]

    def batches_to_send(self, channel: str, most: int) -> Sequence[int]:
        """Return the ids of batches of which nothing was sent, oldest first."""
        return [row["batch_id"] for row in self._session.all("batches_to_send", channel=channel, most=most)]

    def entries(self, batch_id: int) -> Sequence[BatchEntry]:
        """Return the attempts of a batch in the order of its file."""
        return [_entry(row) for row in self._session.all("attempts_of_batch", batch_id=batch_id)]

    def send(self, batch_id: int, at: datetime, by: str) -> None:
        """Record that every attempt of a batch is sent. Raises `StepNotPossible` when it was."""
        self._session.run("send_batch", batch_id=batch_id, at=at, by=by)

    def handed_over(self, batch_id: int, receipt: str, at: datetime) -> None:
        """Keep the bank's word that it has the file."""
        self._session.run("add_hand_over", batch_id=batch_id, receipt=receipt, at=at)

    def lose_replies(self, sent_before: datetime, at: datetime, by: str) -> int:
        """Make attempts unknown whose batch has waited too long for the bank's word; return how many."""
        return len(self._session.all("lose_replies", sent_before=sent_before, at=at, by=by))

    def returned(
        self, day: date, after: int, most: int, *, policies: Collection[PolicyId] | None = None
    ) -> Sequence[ReturnedCase]:
        """Return a page of cases whose payment came back or was refused, after a case id."""
        return [
            ReturnedCase(
                case_id=row["case_id"],
                policy_id=PolicyId(row["policy_id"]),
                uscc=Uscc(row["uscc"]),
                period=row["period"],
                instalment=row["instalment"],
                registered_name=row["registered_name"],
                kind=PayeeKind(row["payee"]),
                order_id=row["order_id"],
                list_id=row["list_id"],
                attempt_id=row["attempt_id"],
                number=row["number"],
                account_id=row["account_id"],
                amount_fen=row["attempted_fen"],
                line=row["line"],
                reason_code=row["reason_code"] or "",
                booked_on=row["booked_on"],
                newer_accounts=tuple(row["newer_accounts"]),
                recheck_outcome=row["recheck_outcome"],
                excluded=row["excluded"],
            )
            for row in self._session.all(
                "returned_cases",
                day=day,
                policies=None if policies is None else list(policies),
                after=after,
                most=most,
            )
        ]

    def step_cases(
        self,
        case_ids: Sequence[int],
        event: str,
        at: datetime,
        by: str,
        *,
        reason: str,
        about: str = "",
        amount_fen: int | None = None,
    ) -> int:
        """Take one step with the named cases that allow it; return how many did."""
        rows = self._session.all(
            "step_named_cases",
            case_ids=list(case_ids),
            event=event,
            at=at,
            by=by,
            reason=reason,
            about=about,
            amount_fen=amount_fen,
        )
        return len(rows)

    def approvers(self, case_id: int) -> frozenset[str]:
        """Return who approved a case at any stage."""
        return frozenset(row["person"] for row in self._session.all("approvers_of_case", case_id=case_id))

    def money_of(self, case_id: int) -> CaseMoney | None:
        """Return what a case was paid and what was asked back."""
        row = self._session.one("paid_of_case", case_id=case_id)
        if row is None:
            return None
        return CaseMoney(
            uscc=Uscc(row["uscc"]),
            policy_id=PolicyId(row["policy_id"]),
            status=row["status"],
            paid_fen=row["paid_fen"],
            asked_fen=row["asked_fen"],
        )

    def exclude(self, uscc: Uscc, since: date, until: date | None, reason: str, at: datetime, by: str) -> int:
        """Exclude a firm from every policy; return the exclusion's id."""
        row = self._session.one(
            "add_exclusion_after_fraud", uscc=uscc, since=since, until=until, reason=reason, at=at, by=by
        )
        assert row is not None
        return int(row["exclusion_id"])

    def add_recovery(
        self, case_id: int, kind: str, amount_fen: int, ground: str, exclusion_id: int | None, at: datetime, by: str
    ) -> int:
        """Keep the decision to ask money back; return its id."""
        row = self._session.one(
            "add_recovery",
            case_id=case_id,
            kind=kind,
            amount_fen=amount_fen,
            ground=ground,
            exclusion_id=exclusion_id,
            at=at,
            by=by,
        )
        assert row is not None
        return int(row["recovery_id"])

    def recoveries(
        self,
        most: int,
        recovery_id: int | None = None,
        *,
        before: int | None = None,
        policies: Collection[PolicyId] | None = None,
    ) -> Sequence[RecoveryRecord]:
        """Return decisions to ask money back, latest first, from before a given one; or the one asked for."""
        wanted = None if policies is None else list(policies)
        return [
            RecoveryRecord(
                recovery_id=row["recovery_id"],
                case_id=row["case_id"],
                uscc=Uscc(row["uscc"]),
                policy_id=PolicyId(row["policy_id"]),
                status=row["status"],
                kind=RecoveryKind(row["kind"]),
                amount_fen=row["amount_fen"],
                received_fen=row["received_fen"],
                ground=row["ground"],
                at=row["at"],
                by=row["by"],
            )
            for row in self._session.all(
                "recoveries", recovery_id=recovery_id, before=before, policies=wanted, most=most
            )
        ]

    def orders(
        self,
        *,
        policy_id: PolicyId | None,
        policies: Collection[PolicyId] | None,
        case_id: int | None,
        status: AttemptStatus | None,
        after: int,
        most: int,
    ) -> Sequence[OrderRecord]:
        """Return a page of payment orders by number, after a given one."""
        return read_orders(
            self._session,
            policy_id=policy_id,
            policies=policies,
            case_id=case_id,
            status=status,
            after=after,
            most=most,
        )

    def trail(self, case_id: int) -> PaymentTrail:
        """Return what became of the money of a case; empty for one that is not there."""
        return read_trail(self._session, case_id)

    def attempt_totals(self) -> Mapping[AttemptStatus, tuple[int, int]]:
        """Return how many attempts stand where, and their fen."""
        rows = self._session.all("attempt_totals")
        return {AttemptStatus(row["status"]): (row["attempts"], row["amount_fen"]) for row in rows}

    def paid_shares(self, case_id: int) -> Sequence[PaidShare]:
        """Return the budget lines that paid the settled attempt of a case."""
        return [
            PaidShare(
                attempt_id=row["attempt_id"],
                line=row["line"],
                posted_fen=row["posted_fen"],
                recovered_fen=row["recovered_fen"],
            )
            for row in self._session.all("paid_shares_of_case", case_id=case_id)
        ]

    def add_recovered(
        self, recovery_id: int, line_ref: str, shares: Sequence[tuple[PaidShare, int]], at: datetime, by: str
    ) -> None:
        """Assign money that came in to a recovery and book it on the lines that paid."""
        total = sum(fen for _, fen in shares)
        self._session.run(
            "add_recovery_receipt", recovery_id=recovery_id, line_ref=line_ref, amount_fen=total, at=at, by=by
        )
        for share, fen in shares:
            self._session.run(
                "add_recover_transfer",
                line=share.line,
                amount_fen=fen,
                attempt_id=share.attempt_id,
                about=f"recovery:{recovery_id}:{line_ref}",
                at=at,
                by=by,
            )


def _entry(row: Row) -> BatchEntry:
    return BatchEntry(
        attempt_id=row["attempt_id"],
        amount_fen=row["amount_fen"],
        owner=Uscc(row["uscc"]),
        holder=row["holder"],
        number=SealedNumber(key_id=row["key_id"], sealed=bytes(row["sealed"]), fingerprint=row["fingerprint"]),
        bank_code=row["bank_code"],
        line=row["line"],
        policy_id=PolicyId(row["policy_id"]),
    )
