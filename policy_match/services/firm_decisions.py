"""Why a firm got what it got: the kept decision of one of its cases, made again, and what it declares by confirming.

Guarantees that the record is made from the facts and rules of the sweep that opened the case, whatever they are now,
that a case of another firm is not there, and that what is signed is the letter that the case has.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from policy_match.cases.approval import FIRM_PREFIX
from policy_match.cases.firm_view import FirmCase
from policy_match.cases.working_days import WorkingDays
from policy_match.errors import InputError, Language
from policy_match.policy.decoding import decode_version
from policy_match.policy.fingerprint import digest
from policy_match.policy.model import Delivery, Policy, PolicyVersion
from policy_match.ports import Clock, Database
from policy_match.services.answer_cases import Answer, AnswerKind, NoSuchCase, answer_cases
from policy_match.services.replay_decision import KeptTexts, OpenSnapshot, Replay, replay_decision
from policy_match.sweep.kept import RowKey, Standing
from policy_match.values import Digest, Outcome, Uscc


class NoCommitment(InputError):
    """The policy asks for no commitment letter."""

    code = "firm.no-commitment"
    http_status = 404
    english = "case {case_id} needs no commitment letter: its policy asks for none"
    chinese = "事项 {case_id} 无须承诺书：本政策不要求承诺"


class OtherLetter(InputError):
    """What was signed is not the letter of the case."""

    code = "firm.other-letter"
    http_status = 409
    english = "case {case_id}: what was signed is not its letter of commitment; read the letter again and sign that"
    chinese = "事项 {case_id}：所签内容不是本事项的承诺书；请重新阅读后签署"


LETTER: Mapping[Language, tuple[str, str]] = {
    "zh": (
        "本单位已知悉“{title}”的享受条件，就 {period} 期间承诺符合下列各项：",
        "以上内容真实，相关资料留存备查；如有不实，愿依法承担责任并补缴、退还所享受的金额。",
    ),
    "en": (
        "We know what “{title}” asks for, and declare for {period} that all of the following is so:",
        "This is true, and we keep the papers that show it. If it is not, we answer for it by law and pay it back.",
    ),
}
"""The first and the last line of the letter."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Commitment:
    """What a firm declares to be so, condition by condition, by the version that its case was decided by."""

    case: FirmCase
    policy: Policy
    version: PolicyVersion

    def digest(self, language: Language) -> Digest:
        """Return the SHA-256 of the letter, by which it is said what was signed."""
        return digest(self.letter(language).encode())

    def letter(self, language: Language) -> str:
        """Return the letter. The form is that of 告知承诺制: what is asked for was told, and is declared to be so."""
        chinese = language == "zh"
        title = self.policy.title if chinese else self.policy.title_en or self.policy.title
        lines = [
            f"{number}. {condition.text if chinese else condition.text_en or condition.text}"
            for number, condition in enumerate(self.version.conditions, 1)
        ]
        head, foot = LETTER[language]
        return "\n".join([head.format(title=title, period=self.case.period), *lines, foot])


def explain_case(database: Database, open_snapshot: OpenSnapshot, uscc: Uscc, case_id: int) -> Replay:
    """Return the decision that opened a firm's case, made once more. Raises `NoSuchCase`.

    Raises an `InputError` too where the kept texts or facts cannot be read any more.
    """
    with database.unit_of_work() as work:
        cases = work.firm.cases(uscc, status=None, after=case_id - 1, most=1)
        sweep = work.firm.decided_by(uscc, case_id)
        if sweep is None or not cases or cases[0].case_id != case_id:
            raise NoSuchCase(case_id=case_id)
        row = RowKey(uscc=uscc, record_id=cases[0].record_id)
        texts = work.cases.appeals.texts(sweep.sweep_id, cases[0].policy_id)
        file = work.firm.file(uscc, case_id)
    assert texts is not None and file is not None, "a case was decided by a version"
    # What was kept of the row, without the table of all decisions: a case comes from an eligible one.
    kept = Standing(outcome=Outcome.ELIGIBLE, amount_fen=file.entitlement.decided_fen)
    kept_texts = KeptTexts(rules=texts.rules, catalogue=texts.catalogue, version=texts.version)
    return replay_decision(kept_texts, sweep.identity, open_snapshot, row=row, kept=kept, corrections={})


def commitment(database: Database, uscc: Uscc, case_id: int) -> Commitment:
    """Return what a firm declares in one of its cases. Raises `NoSuchCase` or `NoCommitment`."""
    with database.unit_of_work() as work:
        cases = work.firm.cases(uscc, status=None, after=case_id - 1, most=1)
        if not cases or cases[0].case_id != case_id:
            raise NoSuchCase(case_id=case_id)
        text = work.rules.version_text(cases[0].version)
    assert text is not None, "a case has its version"
    policy, version = decode_version(text.encode())
    if policy.delivery is not Delivery.SELF_DECLARE and not policy.process.commitment:
        raise NoCommitment(case_id=case_id)
    return Commitment(case=cases[0], policy=policy, version=version)


def sign_commitment(
    database: Database,
    calendar: WorkingDays,
    uscc: Uscc,
    case_id: int,
    *,
    letter: Digest,
    signatory: str,
    clock: Clock,
) -> None:
    """Take a benefit with its letter, in either language, signed by somebody of the firm; the step keeps who and what.

    Raises `NoSuchCase`, `NoCommitment`, `OtherLetter`, or what a confirmation raises.
    """
    found = commitment(database, uscc, case_id)
    if letter not in {found.digest(language) for language in LETTER}:
        raise OtherLetter(case_id=case_id)
    answer = Answer(
        case_id=case_id,
        kind=AnswerKind.CONFIRM,
        by=f"{FIRM_PREFIX}{uscc}",
        reason=f"承诺书 / letter of commitment: {signatory}, SHA-256 {letter}",
        letter=letter,
    )
    for refused in answer_cases(database, calendar, [answer], clock=clock).refused:
        raise refused.error
