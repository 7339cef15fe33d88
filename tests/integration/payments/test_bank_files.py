"""What the bank says: in any order, twice, wrong by a fen, about others, and not at all readable."""

import pytest

from connectors.payment_channels.rehearsal_files import ACCEPTED, REJECTED, SETTLED, Movement
from policy_match.payments.records import FileKind, Verdict
from policy_match.services.take_bank_file import BankFileRefused, NoSuchFile, open_bank_file
from policy_match.storage.unit_of_work import Database
from policy_match.values import Digest
from tests.support.payment_desk import Desk, Inbox, answer, channel_named
from tests.support.payment_flow import SEALER, rows

A_STRANGER = "PMAAAAAAAAAAAAAAAAAAAAAAAAAAAA1X"


def attempts(url: str) -> dict[str, str]:
    return {row["attempt_id"]: row["status"] for row in rows(url, "SELECT attempt_id, status FROM attempt_state")}


def statuses(url: str) -> list[str]:
    return [row["status"] for row in rows(url, "SELECT status FROM case_state ORDER BY case_id")]


def everything(url: str) -> list[list[dict[str, object]]]:
    names = ("case_state", "attempt_state", "ledger_balance", "ledger_transfer", "case_event", "attempt_event")
    return [rows(url, f"SELECT * FROM {name} ORDER BY 1, 2") for name in names]


def test_a_status_report_settles_rejects_and_accepts(desk: Desk, bank: Inbox, database_url: str) -> None:
    desk.pay(bank)
    one, two, *others = bank.payments
    taken = desk.take(
        desk.report(
            bank.batches[0].message_id,
            answer(one, SETTLED),
            answer(two, REJECTED, "AC04"),
            *(answer(each, ACCEPTED) for each in others),
        )
    )
    assert (taken.kind, taken.verdicts) == (FileKind.STATUS, {Verdict.APPLIED: 6})
    assert sorted(attempts(database_url).values()) == ["accepted"] * 4 + ["rejected", "settled"]
    assert sorted(statuses(database_url)) == ["ordered"] * 4 + ["paid", "returned"]


def test_a_batch_is_answered_as_a_whole(desk: Desk, bank: Inbox, database_url: str) -> None:
    desk.pay(bank)
    taken = desk.take(desk.report(bank.batches[0].message_id, group=REJECTED))
    assert taken.verdicts == {Verdict.APPLIED: 6}
    assert set(attempts(database_url).values()) == {"rejected"}


def test_a_word_on_one_budget_line_touches_no_other(desk: Desk, bank: Inbox, database_url: str) -> None:
    """Rejecting the payments of another line would let them be paid twice."""
    desk.pay(bank)
    (batch,) = bank.batches
    content = desk.report(batch.message_id, group=ACCEPTED)
    block = (
        b"<OrgnlPmtInfAndSts><OrgnlPmtInfId>city-2025</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts></OrgnlPmtInfAndSts>"
    )
    desk.take(content.replace(b"</OrgnlGrpInfAndSts>", b"</OrgnlGrpInfAndSts>" + block))
    found = attempts(database_url)
    assert {each.line: found[each.attempt_id] for each in batch.payments} == {
        "city-2025": "rejected",
        "county-2025": "accepted",
    }


def test_a_batch_of_other_than_what_was_sent_is_nobodys(desk: Desk, bank: Inbox, database_url: str) -> None:
    desk.pay(bank)
    content = desk.report(bank.batches[0].message_id, group=REJECTED)
    less = content.replace(b"</OrgnlMsgNmId>", b"</OrgnlMsgNmId><OrgnlNbOfTxs>5</OrgnlNbOfTxs>")
    assert desk.take(less).verdicts == {Verdict.NOT_UNDERSTOOD: 1}
    assert set(attempts(database_url).values()) == {"sent"}


def test_a_statement_settles_what_no_report_spoke_of(desk: Desk, bank: Inbox, database_url: str) -> None:
    desk.pay(bank)
    desk.lose()
    taken = desk.take(desk.statement(*map(desk.booking, bank.payments)))
    assert taken.verdicts == {Verdict.APPLIED: 6}
    assert set(statuses(database_url)) == {"paid"}


def test_the_same_file_again_changes_nothing(desk: Desk, bank: Inbox, database_url: str) -> None:
    desk.pay(bank)
    content = desk.statement(*map(desk.booking, bank.payments))
    desk.take(content)
    before = everything(database_url)
    again = desk.take(content, name="another-name")
    assert (again.repeated, again.verdicts) == (True, {Verdict.APPLIED: 6})
    assert everything(database_url) == before


def test_the_same_movement_in_another_file_is_known_by_its_reference(
    desk: Desk, bank: Inbox, database_url: str
) -> None:
    desk.pay(bank)
    bookings = list(map(desk.booking, bank.payments))
    desk.take(desk.statement(*bookings))
    before = everything(database_url)
    assert desk.take(desk.statement(*bookings)).verdicts == {Verdict.REPEATED: 6}
    assert everything(database_url) == before


def test_a_reference_that_comes_again_with_another_amount_is_a_contradiction(
    desk: Desk, bank: Inbox, database_url: str
) -> None:
    desk.pay(bank)
    one = bank.payments[1]
    desk.take(desk.statement(desk.booking(one, ref="REF1")))
    before = everything(database_url)
    taken = desk.take(desk.statement(desk.booking(one, ref="REF1", fen=one.amount_fen + 1)))
    assert taken.verdicts == {Verdict.CONTRADICTION: 1} or taken.verdicts == {Verdict.AMOUNT_DIFFERS: 1}
    assert everything(database_url) == before
    assert len(desk.reconcile().result.unmatched) == 1


def test_one_fen_more_or_less_changes_nothing_and_is_listed(desk: Desk, bank: Inbox, database_url: str) -> None:
    desk.pay(bank)
    one, two = bank.payments[1:3]
    before = everything(database_url)
    taken = desk.take(
        desk.statement(desk.booking(one, fen=one.amount_fen + 1), desk.booking(two, fen=two.amount_fen - 1))
    )
    assert taken.verdicts == {Verdict.AMOUNT_DIFFERS: 2}
    assert everything(database_url) == before
    assert {line.verdict for line in desk.reconcile().result.unmatched} == {Verdict.AMOUNT_DIFFERS}


def test_a_booking_of_an_attempt_that_was_never_made_is_listed(desk: Desk, bank: Inbox, database_url: str) -> None:
    desk.pay(bank)
    before = everything(database_url)
    stranger = Movement(
        line_ref="S1", attempt_id=A_STRANGER, amount_fen=500, credit=False, booked_on=desk.day, text="?"
    )
    nobodys = Movement(line_ref="S2", attempt_id=None, amount_fen=300, credit=True, booked_on=desk.day, text="interest")
    taken = desk.take(desk.statement(stranger, nobodys))
    assert taken.verdicts == {Verdict.NO_SUCH_ATTEMPT: 1, Verdict.NO_ATTEMPT: 1}
    assert everything(database_url) == before
    assert desk.reconcile().net_out_fen == 200


def test_an_unknown_attempt_in_a_report_is_listed(desk: Desk, bank: Inbox, database_url: str) -> None:
    desk.pay(bank)
    before = everything(database_url)
    one = bank.payments[0]
    content = desk.report(bank.batches[0].message_id, answer(one, REJECTED))
    taken = desk.take(content.replace(one.attempt_id.encode(), A_STRANGER.encode()))
    assert taken.verdicts == {Verdict.NO_SUCH_ATTEMPT: 1}
    assert everything(database_url) == before


def test_a_second_booking_of_one_payment_is_a_contradiction(desk: Desk, bank: Inbox, database_url: str) -> None:
    desk.pay(bank)
    one = bank.payments[0]
    taken = desk.take(desk.statement(desk.booking(one, ref="FIRST"), desk.booking(one, ref="SECOND")))
    assert taken.verdicts == {Verdict.APPLIED: 1, Verdict.CONTRADICTION: 1}
    before = everything(database_url)
    assert desk.take(desk.statement(desk.booking(one, ref="THIRD"))).verdicts == {Verdict.CONTRADICTION: 1}
    assert everything(database_url) == before
    assert len(desk.reconcile().result.unmatched) == 2


def test_a_booking_and_its_return_in_one_statement(desk: Desk, bank: Inbox, database_url: str) -> None:
    desk.pay(bank)
    one = bank.payments[3]
    taken = desk.take(desk.statement(desk.booking(one), desk.returning(one)))
    assert taken.verdicts == {Verdict.APPLIED: 2}
    assert attempts(database_url)[one.attempt_id] == "returned"
    assert desk.reconcile().result.agrees


def test_a_return_that_is_heard_before_the_booking(desk: Desk, bank: Inbox, database_url: str) -> None:
    desk.pay(bank)
    one = bank.payments[3]
    booking = desk.booking(one)
    desk.clock.move(1)
    back = desk.statement(desk.returning(one), opening_fen=10_000_000_000 - one.amount_fen)
    assert desk.take(back).verdicts == {Verdict.APPLIED: 1}
    assert not desk.reconcile().result.agrees
    desk.clock.move(-1)
    assert desk.take(desk.statement(booking)).verdicts == {Verdict.KNOWN: 1}
    assert desk.reconcile().result.agrees
    assert attempts(database_url)[one.attempt_id] == "returned"


def test_an_acceptance_that_comes_after_the_booking_is_known(desk: Desk, bank: Inbox, database_url: str) -> None:
    desk.pay(bank)
    desk.take(desk.statement(*map(desk.booking, bank.payments)))
    before = everything(database_url)
    late = desk.report(bank.batches[0].message_id, *(answer(each, ACCEPTED) for each in bank.payments))
    assert desk.take(late).verdicts == {Verdict.KNOWN: 6}
    assert everything(database_url) == before


def test_a_booking_after_a_rejection_is_a_contradiction(desk: Desk, bank: Inbox, database_url: str) -> None:
    desk.pay(bank)
    one = bank.payments[0]
    desk.take(desk.report(bank.batches[0].message_id, answer(one, REJECTED, "AC04")))
    before = everything(database_url)
    assert desk.take(desk.statement(desk.booking(one))).verdicts == {Verdict.CONTRADICTION: 1}
    assert everything(database_url) == before


def test_a_file_that_cannot_be_read_is_kept_sealed_and_changes_nothing(
    desk: Desk, bank: Inbox, database_url: str
) -> None:
    desk.pay(bank)
    before = everything(database_url)
    content = b"<Document>6228000100000000001</Document>"
    for _ in range(2):
        with pytest.raises(BankFileRefused):
            desk.take(content)
    (kept,) = rows(database_url, "SELECT reason, sealed FROM refused_bank_file")
    assert kept["reason"]
    assert rows(database_url, "SELECT file_digest FROM bank_file") == []
    assert b"6228000100000000001" not in bytes(kept["sealed"])
    assert SEALER is not None
    assert everything(database_url) == before


def test_a_file_taken_with_the_wrong_channel_can_be_taken_with_the_right_one(
    desk: Desk, bank: Inbox, database_url: str
) -> None:
    desk.pay(bank)
    content = desk.statement(*map(desk.booking, bank.payments))
    right = desk.channel
    desk.channel = channel_named("treasury_file")
    with pytest.raises(BankFileRefused):
        desk.take(content)
    desk.channel = right
    assert desk.take(content).verdicts == {Verdict.APPLIED: 6}
    assert set(statuses(database_url)) == {"paid"}


def test_a_kept_file_can_be_opened_again_whatever_became_of_it(desk: Desk, bank: Inbox, database: Database) -> None:
    desk.pay(bank)
    content = desk.statement(*map(desk.booking, bank.payments))
    taken = desk.take(content)
    assert open_bank_file(database, SEALER, taken.digest) == content
    with pytest.raises(BankFileRefused) as refused:
        desk.take(b"no bank file")
    assert open_bank_file(database, SEALER, Digest(str(refused.value.fields["digest"]))) == b"no bank file"
    with pytest.raises(NoSuchFile):
        open_bank_file(database, SEALER, Digest("0" * 64))
