"""What auditors look for: cases across everything, and the ledger added up another way than it is kept.

Guarantees that nothing is written, and that totals are made of transfers and their cases, never of kept balances.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from policy_match.audit.evidence import (
    AppealOfCase,
    BankLine,
    BatchOfCase,
    CaseMoney,
    CorrectionOfFirm,
    FirmAccount,
    FirmPayment,
    Hit,
    HitKind,
    LedgerEntry,
    OrderOnCase,
    PersonStep,
    RecoveryReceipt,
    StepKind,
)
from policy_match.audit.question import Question
from policy_match.cases.approval_list import ListedCase
from policy_match.cases.history import CaseLine
from policy_match.cases.model import Route, Status
from policy_match.ledger.accounts import LineAccount, TransferKind
from policy_match.payments.attempts import AttemptEvent, AttemptStatus
from policy_match.ports.audit import AuditFilter, Group, GroupSums, GroupTotal, TotalsBy
from policy_match.storage.session import Row, Session
from policy_match.values import PolicyId, Uscc


class AuditStore:
    """Cases and money across firms, policies and funds."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def cases(self, wanted: AuditFilter, *, after: int, most: int) -> Sequence[CaseLine]:
        """Return a page of cases by number, after a given one."""
        rows = self._session.all(
            "audit_cases",
            uscc=wanted.uscc,
            name=wanted.name,
            policy_id=wanted.policy_id,
            policies=_names(wanted.policies),
            district=wanted.district,
            status=None if wanted.status is None else wanted.status.value,
            fund=wanted.fund,
            person=wanted.person,
            first=wanted.first,
            last=wanted.last,
            after=after,
            most=most,
        )
        return [CaseLine(**{**row, "route": Route(row["route"]), "status": Status(row["status"])}) for row in rows]

    def totals(self, by: TotalsBy, *, year: int | None) -> Sequence[GroupTotal]:
        """Return what the transfers of the lines of a budget year, or of all, add up to, by group and account."""
        return [
            GroupTotal(
                group=row["name"],
                account=LineAccount(row["account"]),
                cases=row["cases"],
                total_fen=row["total_fen"],
            )
            for row in self._session.all("audit_totals", by=by.value, year=year)
        ]

    def balances(self, *, year: int | None) -> Sequence[tuple[LineAccount, int]]:
        """Return what the balances of the same lines add up to, as the ledger keeps them, in fen by account."""
        rows = self._session.all("audit_balances", year=year)
        return [(LineAccount(row["account"]), row["balance_fen"]) for row in rows]

    def group_money(self, group: Group, *, after: int, most: int) -> Sequence[CaseMoney]:
        """Return a page of the cases of a group with their money, by number, after a given one."""
        rows = self._session.all("audit_group_money", **_of(group), after=after, most=most)
        return [CaseMoney(**row) for row in rows]

    def group_sums(self, group: Group) -> GroupSums:
        """Return what all cases of a group add up to, and what is about no case."""
        rows = self._session.all("audit_group_sums", **_of(group))
        return GroupSums(
            cases=max((row["cases"] for row in rows), default=0),
            of_cases={LineAccount(row["account"]): row["fen"] for row in rows if row["is_of_case"]},
            apart={LineAccount(row["account"]): row["fen"] for row in rows if not row["is_of_case"]},
        )

    def line_balances(self, *, fund: str | None, year: int | None) -> Mapping[LineAccount, int]:
        """Return what the ledger keeps of the lines of a fund, or of all."""
        rows = self._session.all("audit_line_balances", fund=fund, year=year)
        return {LineAccount(row["account"]): row["balance_fen"] for row in rows}

    def hits(self, question: Question, policies: frozenset[PolicyId] | None) -> Sequence[Hit]:
        """Return what there is of what a question can mean; of some policies, or of all."""
        rows = self._session.all(
            "audit_hits",
            case_id=question.case_id,
            attempt_id=question.attempt_id,
            uscc=question.uscc,
            line=question.line,
            list_id=question.list_id,
            word=question.text,
            policies=_names(policies),
        )
        return [Hit(kind=HitKind(row["kind"]), name=row["name"], case_id=row["case_id"]) for row in rows]

    def batches_of_case(self, case_id: int) -> Sequence[BatchOfCase]:
        """Return the files to the bank with an attempt of the case."""
        return [BatchOfCase(**row) for row in self._session.all("audit_batches_of_case", case_id=case_id)]

    def bank_lines_of_case(self, case_id: int) -> Sequence[BankLine]:
        """Return the lines of the bank's files that name an attempt of the case."""
        return [
            BankLine(**{**row, "step": None if row["step"] is None else AttemptEvent(row["step"])})
            for row in self._session.all("audit_bank_lines_of_case", case_id=case_id)
        ]

    def receipts_of_case(self, case_id: int) -> Sequence[RecoveryReceipt]:
        """Return what came back for the recoveries of the case."""
        return [RecoveryReceipt(**row) for row in self._session.all("audit_receipts_of_case", case_id=case_id)]

    def ledger_of_case(self, case_id: int) -> Sequence[LedgerEntry]:
        """Return the transfers for the attempts of the case."""
        return [_entry(row) for row in self._session.all("audit_ledger_of_case", case_id=case_id)]

    def appeals_of_case(self, case_id: int) -> Sequence[AppealOfCase]:
        """Return the appeals against the decision that opened the case."""
        return [AppealOfCase(**row) for row in self._session.all("audit_appeals_of_case", case_id=case_id)]

    def corrections_on(self, case_id: int) -> Sequence[CorrectionOfFirm]:
        """Return what the firm asked to correct about the case, or about no case."""
        return [CorrectionOfFirm(**row) for row in self._session.all("audit_corrections_on", case_id=case_id)]

    def orders_to_act_on(self, case_id: int) -> Sequence[OrderOnCase]:
        """Return the orders to act that name the case."""
        return [OrderOnCase(**row) for row in self._session.all("audit_orders_to_act_on", case_id=case_id)]

    def changed_steps(self, case_id: int) -> Sequence[int]:
        """Return the steps of the case whose digest is not that of their row."""
        return [row["seq"] for row in self._session.all("audit_changed_steps", case_id=case_id)]

    def listed_as_signed(self, list_id: int, *, after: int, most: int) -> Sequence[ListedCase]:
        """Return a page of a list's cases as its digest covers them, by number, after a given one."""
        rows = self._session.all("audit_listed_as_signed", list_id=list_id, after=after, most=most)
        return [ListedCase(**row) for row in rows]

    def transfers(self, line: str, *, after: int, most: int) -> Sequence[LedgerEntry]:
        """Return a page of the transfers of a budget line by number, after a given one, with their cases."""
        return [_entry(row) for row in self._session.all("audit_transfers", line=line, after=after, most=most)]

    def person_steps(self, person: str, *, before: tuple[datetime, str, str] | None, most: int) -> Sequence[PersonStep]:
        """Return a page of what a person did, the latest first, before a moment, kind and place."""
        moment, kind, place = before or (None, None, None)
        rows = self._session.all(
            "audit_person_steps", person=person, before=moment, before_kind=kind, before_place=place, most=most
        )
        return [PersonStep(**{**row, "kind": StepKind(row["kind"])}) for row in rows]

    def payments_of_firm(
        self, uscc: Uscc, policies: frozenset[PolicyId] | None, *, after: tuple[int, int], most: int
    ) -> Sequence[FirmPayment]:
        """Return a page of the attempts to pay a firm, by case and number, after given ones."""
        rows = self._session.all(
            "audit_payments_of_firm",
            uscc=uscc,
            policies=_names(policies),
            after_case=after[0],
            after_number=after[1],
            most=most,
        )
        return [FirmPayment(**{**row, "status": AttemptStatus(row["status"])}) for row in rows]

    def accounts_of_firm(self, uscc: Uscc, *, most: int) -> Sequence[FirmAccount]:
        """Return the accounts that were stated for a firm, the latest first."""
        return [FirmAccount(**row) for row in self._session.all("audit_accounts_of_firm", uscc=uscc, most=most)]

    def has_case(self, uscc: Uscc, policies: frozenset[PolicyId] | None) -> bool:
        """Return whether the firm has a case, of some policies or of any."""
        row = self._session.one("audit_has_case", uscc=uscc, policies=_names(policies))
        assert row is not None
        return bool(row["has_case"])

    def names_of_firm(self, uscc: Uscc, *, most: int) -> Sequence[str]:
        """Return the registered names of a firm, the latest first."""
        return [row["name"] for row in self._session.all("audit_names_of_firm", uscc=uscc, most=most)]


def _of(group: Group) -> Mapping[str, object]:
    return {"by": group.by.value, "name": group.name, "year": group.year}


def _names(policies: frozenset[PolicyId] | None) -> list[PolicyId] | None:
    return None if policies is None else sorted(policies)


def _entry(row: Row) -> LedgerEntry:
    return LedgerEntry(
        **{
            **row,
            "kind": TransferKind(row["kind"]),
            "debit": LineAccount(row["debit"]),
            "credit": LineAccount(row["credit"]),
        }
    )
