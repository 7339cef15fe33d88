"""Makes a kept decision again, on the old facts by the old rules, and then on corrected facts: what an appeal looks at.

Guarantees that only what was kept is read: the rules from their texts, the facts from the snapshot, opened with the
catalogue of that time. Who may correct a fact, and what follows from it, is left to the objections.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from policy_match.errors import InputError
from policy_match.facts.catalogue import FIRM, FactCatalogue
from policy_match.facts.reading import Reading, Readings, read_fact
from policy_match.facts.reasons import Reason
from policy_match.facts.strict import convert
from policy_match.policy.decoding import decode_catalogue, decode_rules, decode_version
from policy_match.policy.fingerprint import canonical, digest
from policy_match.policy.model import Policy, PolicyVersion, RuleBook
from policy_match.ports import FactTables
from policy_match.services.explain import NoSuchFirm, policy_in_force
from policy_match.sweep.kept import RowKey, Standing, SweepIdentity
from policy_match.sweep.record import DecisionRecord, record_decision
from policy_match.values import Digest, FactName, Outcome, SnapshotId

OpenSnapshot = Callable[[SnapshotId, FactCatalogue], FactTables]
"""Opens a kept snapshot with a fact catalogue, which says how values are read and how long they are fresh."""


class TextsDisagree(InputError):
    """The texts are not those by which the sweep was decided."""

    code = "replay.texts-disagree"
    english = "the kept text of {what} is not the one that the sweep was decided by; read all texts of one sweep"
    chinese = "所保存的{what_zh}文本不是该批次判定所用的文本；请读取同一批次的全部文本"


class NoSuchRow(InputError):
    """The snapshot has no such record of the firm, or the policy is not decided per record."""

    code = "replay.no-record"
    http_status = 404
    english = "firm {uscc} has no {grain} `{record}` in the facts of this decision; name the row as the sweep kept it"
    chinese = "该判定的数据中，企业 {uscc} 没有 {grain} 记录“{record}”；请按批次中保存的编号填写"


class FactNotRead(InputError):
    """A correction of a fact that makes no difference, because the rule does not read it."""

    code = "replay.fact-not-read"
    english = "`{policy}` of {label} does not read the fact `{fact}`; the facts that it reads are {known}"
    chinese = "政策“{policy}”{label} 版本不使用事实“{fact}”；所用事实为：{known}"


class CorrectionRefused(InputError):
    """A corrected value that the fact cannot have."""

    code = "replay.correction-refused"
    english = "fact `{fact}`: `{value}` is {reason}; write it as in a facts file, money in yuan and days as YYYY-MM-DD"
    chinese = "事实“{fact}”：“{value}”{reason_zh}；请按事实文件的写法填写，金额以元计，日期为 YYYY-MM-DD"


class CorrectionWithoutSource(InputError):
    """A correction that does not say where the value comes from."""

    code = "replay.no-source"
    english = "the corrected value of `{fact}` has no source; say which document or office it comes from"
    chinese = "事实“{fact}”的更正值没有来源；请注明所依据的文件或部门"


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptTexts:
    """The rules of a kept decision as the system of record has them: the frame of all, the facts, and one version."""

    rules: str
    catalogue: str
    version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """What a person says that a fact was. `value` is written as in a facts file; empty is unknown.

    `source` says where it comes from. `observed` is the day from which the value is; without one it counts as fresh.
    """

    value: str
    source: str
    observed: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Replay:
    """A decision made again, and made on corrected facts if there are any.

    `same_as_kept` says whether `old` has the outcome, the amount to the fen, and the missing facts that were kept.
    """

    old: DecisionRecord
    corrected: DecisionRecord | None
    same_as_kept: bool


def replay_decision(
    texts: KeptTexts,
    sweep: SweepIdentity,
    open_snapshot: OpenSnapshot,
    *,
    row: RowKey,
    kept: Standing | None,
    corrections: Mapping[FactName, Correction],
) -> Replay:
    """Return one row's decision by the version of `texts` once more, and with `corrections` in place of the old facts.

    `kept` is what the sweep kept of the row; `None`, no decision, stands for ineligible. Raises an `InputError` when
    the texts cannot be read or are of another sweep, the row is not there, or a correction is not possible.
    """
    rules, policy, version = _read_rules(texts, sweep)
    tables = open_snapshot(sweep.snapshot_id, rules.catalogue)
    assert SnapshotId(tables.digest) == sweep.snapshot_id, "another snapshot was opened"
    readings = _readings(tables, rules.catalogue, policy, row, sweep.as_of)

    def decide(facts: Readings, facts_digest: Digest) -> DecisionRecord:
        return record_decision(
            rules,
            policy,
            version,
            facts,
            uscc=row.uscc,
            record_id=row.record_id or None,
            as_of=sweep.as_of,
            facts_digest=facts_digest,
        )

    old = decide(readings, tables.digest)
    corrected = None
    if corrections:
        # Not the snapshot's digest: these facts are the snapshot and the corrections together.
        of_both = digest(canonical({"facts": tables.digest, "corrections": corrections}))
        corrected = decide({**readings, **_corrected(old, corrections)}, of_both)
    same = standing_of(old) == (kept or Standing(outcome=Outcome.INELIGIBLE))
    return Replay(old=old, corrected=corrected, same_as_kept=same)


def standing_of(record: DecisionRecord) -> Standing:
    """Return what a sweep would keep of the decision."""
    return Standing(
        outcome=record.outcome,
        amount_fen=None if record.amount is None else record.amount.steps.paid.fen,
        missing=record.missing,
    )


def _read_rules(texts: KeptTexts, sweep: SweepIdentity) -> tuple[RuleBook, Policy, PolicyVersion]:
    """Return a rule book of the one policy with the one version, under the fingerprint of the whole repository."""
    frame = decode_rules(texts.rules.encode())
    policy, version = decode_version(texts.version.encode())
    if digest(texts.rules.encode()) != sweep.rules:
        raise TextsDisagree(what="the rules", what_zh="规则库")
    if digest(texts.catalogue.encode()) != frame.facts:
        raise TextsDisagree(what="the fact catalogue", what_zh="事实目录")
    if version.fingerprint not in frame.versions:
        raise TextsDisagree(what="the policy version", what_zh="政策版本")
    rules = RuleBook(
        catalogue=decode_catalogue(texts.catalogue.encode()),
        policies={policy.id: policy},
        sources=frame.sources,
        fingerprint=sweep.rules,
    )
    return rules, *policy_in_force(rules, policy.id, sweep.as_of)


def _readings(tables: FactTables, catalogue: FactCatalogue, policy: Policy, row: RowKey, as_of: date) -> Readings:
    """Return the facts of the row as the sweep read them. A record of a firm that is not there has them unknown."""
    firm = tables.firm(row.uscc, as_of)
    if policy.per_firm:
        records = {} if firm is None else {"": firm}
    else:
        records = dict(tables.records(policy.grain, row.uscc, as_of)) if policy.grain in tables.grains else {}
    if firm is None and not records:
        raise NoSuchFirm(uscc=row.uscc)
    if row.record_id not in records:
        raise NoSuchRow(uscc=row.uscc, grain=policy.grain, record=row.record_id)
    unknown = {fact.name: read_fact(fact, None, None, fact.source, as_of) for fact in catalogue.of_grain(FIRM)}
    return {**(firm or unknown), **records[row.record_id]}


def _corrected(old: DecisionRecord, corrections: Mapping[FactName, Correction]) -> Readings:
    """Return the reading of each corrected fact."""
    read = {used.fact.name: used.fact for used in old.facts}
    found: dict[FactName, Reading] = {}
    for name, correction in corrections.items():
        fact = read.get(name)
        if fact is None:
            known = ", ".join(read) or "—"
            raise FactNotRead(policy=old.policy.id, label=old.version.label, fact=name, known=known)
        if not correction.source.strip():
            raise CorrectionWithoutSource(fact=name)
        column = convert(pa.array([correction.value], pa.string()), fact)
        if column.refused is not None:
            reason = Reason(column.refused[0].as_py())
            raise CorrectionRefused(fact=name, value=correction.value, reason=reason.english, reason_zh=reason.chinese)
        (value,) = column.values.to_pylist()
        found[name] = read_fact(fact, value, correction.observed, correction.source.strip(), old.as_of)
    return found
