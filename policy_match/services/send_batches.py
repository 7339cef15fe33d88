"""Puts stored attempts into batches and gives them to the bank.

Guarantees that an attempt is recorded as sent, and committed, before the bank is asked, and is never sent twice: when
the bank's word does not come, the attempts are unknown and wait for its status report or statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from policy_match.cases.working_days import CHINA
from policy_match.errors import PolicyMatchError, StorageError
from policy_match.payments.attempts import AttemptStatus
from policy_match.payments.messages import OutgoingFile, PaymentBatch, PaymentInstruction
from policy_match.payments.records import BatchEntry, BatchRecord
from policy_match.payments.sealing import AccountSealer
from policy_match.policy.fingerprint import digest
from policy_match.ports import Clock, Database
from policy_match.ports.payments import Bank, PaymentChannel

BATCH_SIZE = 10_000
MAX_BATCHES = 1_000
PATIENCE = timedelta(minutes=15)
"""So long a sender may take to hear from the bank before its attempts count as unknown."""


class FileDiffers(StorageError):
    """A batch made again from its attempts is not the file that was recorded."""

    code = "payments.file-differs"
    retry_helps = False
    english = "batch {batch_id} made again is not the file that was recorded; nothing was sent: restore its rows"
    chinese = "批次 {batch_id} 重新生成的文件与登记的不一致；未发送：请恢复其数据"


@dataclass(frozen=True, kw_only=True, slots=True)
class SentBatch:
    """A batch that was given to the bank. `receipt` is null when no word came back; `problem` says why."""

    batch_id: int
    count: int
    total_fen: int
    receipt: str | None
    problem: str = ""


def make_batches(
    database: Database,
    channel: PaymentChannel,
    sealer: AccountSealer,
    clock: Clock,
    *,
    by: str,
    execute_on: date,
    batch_size: int = BATCH_SIZE,
) -> Sequence[int]:
    """Put every stored attempt into a batch of at most `batch_size`; return the ids of new batches."""
    made = []
    for _ in range(MAX_BATCHES):
        with database.unit_of_work() as work:
            work.payments.lock()
            entries = work.payments.unbatched(batch_size)
            if not entries:
                break
            batch_id, at = work.payments.next_batch_id(), clock.now()
            batch = _batch(batch_id, channel.name, at, execute_on, entries, sealer)
            file = channel.write(batch)
            record = BatchRecord(
                batch_id=batch_id,
                message_id=batch.message_id,
                channel=channel.name,
                execute_on=execute_on,
                count=batch.count,
                total_fen=batch.total_fen,
                file_name=file.name,
                file_digest=digest(file.content),
                made_at=at,
            )
            work.payments.add_batch(record, [entry.attempt_id for entry in entries], by)
            work.commit()
        made.append(batch_id)
    return made


def send_batches(
    database: Database, channel: PaymentChannel, bank: Bank, sealer: AccountSealer, clock: Clock, *, by: str
) -> Sequence[SentBatch]:
    """Give every batch of the channel of which nothing was sent to the bank, once."""
    with database.unit_of_work() as work:
        waiting = work.payments.batches_to_send(channel.name, MAX_BATCHES)
    sent = []
    for batch_id in waiting:
        found = _mark_sent(database, channel, sealer, clock, batch_id, by)
        if found is not None:
            record, file = found
            sent.append(_hand_over(database, bank, clock, record, file))
    return sent


def _mark_sent(
    database: Database, channel: PaymentChannel, sealer: AccountSealer, clock: Clock, batch_id: int, by: str
) -> tuple[BatchRecord, OutgoingFile] | None:
    """Record that a batch is sent; `None` when another sender was first."""
    with database.unit_of_work() as work:
        work.payments.lock()
        record = work.payments.batches(1, batch_id)[0]
        if AttemptStatus.STORED not in record.statuses:
            return None
        entries = work.payments.entries(batch_id)
        batch = _batch(batch_id, channel.name, record.made_at, record.execute_on, entries, sealer)
        file = channel.write(batch)
        if digest(file.content) != record.file_digest or (batch.count, batch.total_fen) != (
            record.count,
            record.total_fen,
        ):
            raise FileDiffers(batch_id=batch_id)
        work.payments.send(batch_id, clock.now(), by)
        work.commit()
    return record, file


def _hand_over(database: Database, bank: Bank, clock: Clock, record: BatchRecord, file: OutgoingFile) -> SentBatch:
    receipt, problem = None, ""
    try:
        receipt = bank.hand_over(file)
    except (PolicyMatchError, OSError) as error:
        problem = error.message("en") if isinstance(error, PolicyMatchError) else type(error).__name__
    if receipt is not None:
        with database.unit_of_work() as work:
            work.payments.handed_over(record.batch_id, receipt, clock.now())
            work.commit()
    return SentBatch(
        batch_id=record.batch_id, count=record.count, total_fen=record.total_fen, receipt=receipt, problem=problem
    )


def lose_replies(database: Database, clock: Clock, *, by: str, patience: timedelta = PATIENCE) -> int:
    """Make attempts unknown whose batch has waited for the bank's word longer than `patience`; return how many.

    They are settled by the bank's status report or statement alone, never sent again.
    """
    with database.unit_of_work() as work:
        lost = work.payments.lose_replies(clock.now() - patience, clock.now(), by)
        work.commit()
    return lost


def _batch(
    batch_id: int,
    channel: str,
    made_at: datetime,
    execute_on: date,
    entries: Sequence[BatchEntry],
    sealer: AccountSealer,
) -> PaymentBatch:
    instructions = tuple(
        PaymentInstruction(
            attempt_id=entry.attempt_id,
            amount_fen=entry.amount_fen,
            payee_name=entry.holder,
            account_number=sealer.open(entry.number, entry.owner).digits,
            bank_code=entry.bank_code,
            line=entry.line,
            purpose=entry.policy_id,
        )
        for entry in entries
    )
    return PaymentBatch(
        batch_id=batch_id,
        message_id=f"PMB{made_at.astimezone(CHINA):%Y%m%d}{batch_id:010d}",
        channel=channel,
        made_at=made_at.astimezone(CHINA),
        execute_on=execute_on,
        instructions=instructions,
        count=len(instructions),
        total_fen=sum(entry.amount_fen for entry in entries),
    )
