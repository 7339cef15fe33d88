"""The stages of all cases, their marks and escalations: counted and written in one statement for all of them.

Guarantees, with the schema, that a stage is marked once in each colour and told once to each level. What colours and
levels mean is `supervision`.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from policy_match.ports.supervision import KeptText, MadeEscalation
from policy_match.storage.session import Row, Session
from policy_match.supervision.board import CaseSupervision, CountedStage, Mark, MarkCount, SupervisedCase
from policy_match.supervision.colours import Colour
from policy_match.supervision.dated_limits import DatedLimit, Turned
from policy_match.supervision.escalation import Escalation
from policy_match.supervision.limits import VersionTerms
from policy_match.supervision.stages import Stage
from policy_match.values import PolicyId

SUPERVISION_LOCK = 0x706D_7376
CASES_AT_ONCE = 50_000
MOST_LOOKS = 10_000
"""So many statements look for one page at most; together they see more cases than there are firms."""


class StageStore:
    """Stages."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def claim(self) -> None:
        """Wait for the right to mark and to escalate until the transaction ends."""
        self._session.run("lock_supervision", purpose=SUPERVISION_LOCK)

    def unread_versions(self, most: int) -> Sequence[KeptText]:
        """Return texts of versions with cases of which nothing was kept by `add_versions` yet."""
        rows = self._session.all("unread_versions", most=most)
        return [KeptText(version=row["fingerprint"], text=row["canonical"]) for row in rows]

    def add_versions(self, versions: Sequence[VersionTerms]) -> None:
        """Keep what supervision reads of versions; those that are there stay."""
        self._session.run(
            "add_supervised_versions",
            versions=[each.version for each in versions],
            policies=[each.policy_id for each in versions],
            departments=[each.department for each in versions],
            titles=[each.title for each in versions],
            titles_en=[each.title_en for each in versions],
            own_limits=[json.dumps(dict(each.own_limits)) for each in versions],
        )

    def versions(self) -> Sequence[VersionTerms]:
        """Return what was kept of every version."""
        return [
            VersionTerms(
                version=row["version"],
                policy_id=row["policy_id"],
                department=row["department"],
                title=row["title"],
                title_en=row["title_en"],
                own_limits=tuple((Stage(stage), days) for stage, days in sorted(row["own_limits"].items())),
            )
            for row in self._session.all("supervised_versions")
        ]

    def count_stages(
        self, limits: Sequence[DatedLimit], today: date, *, policy: PolicyId | None
    ) -> Sequence[CountedStage]:
        """Return how many cases wait in the stages given, of one policy or of all."""
        rows = self._session.all(
            "count_stages",
            today=today,
            policy_id=policy,
            versions=[each.version for each in limits],
            stages=[each.stage.value for each in limits],
            units=[each.unit for each in limits],
            yellow=_yellow(limits),
            red=_red(limits),
        )
        return [
            CountedStage(
                unit=row["unit"],
                policy_id=row["policy_id"],
                stage=Stage(row["stage"]),
                colour=Colour(row["colour"]),
                cases=row["cases"],
                fen=row["fen"],
                oldest_on=row["oldest_on"],
            )
            for row in rows
        ]

    def cases(
        self,
        limits: Sequence[DatedLimit],
        today: date,
        *,
        policy: PolicyId | None,
        colour: Colour | None,
        after: int,
        most: int,
        at_once: int = CASES_AT_ONCE,
    ) -> Sequence[SupervisedCase]:
        """Return a page of the cases that wait in the stages given, by number after a given one.

        So many cases are looked at in one statement, which stops at the page's end: what is rare may be far.
        """
        found: list[SupervisedCase] = []
        for _ in range(MOST_LOOKS):
            rows = self._session.all(
                "supervised_cases",
                today=today,
                policy_id=policy,
                colour=None if colour is None else colour.value,
                after=after,
                at_once=at_once,
                most=most - len(found),
                versions=[each.version for each in limits],
                stages=[each.stage.value for each in limits],
                units=[each.unit for each in limits],
                limits=[each.limit_days for each in limits],
                yellow=_yellow(limits),
                red=_red(limits),
            )
            found += [_case(row) for row in rows if row["case_id"] is not None]
            if len(found) == most or rows[0]["seen"] < at_once:
                break
            after = rows[0]["last"]
        return found

    def turned_starts(self, limits: Sequence[DatedLimit], today: date, *, most: int) -> Sequence[tuple[int, date]]:
        """Return limits in days and beginnings of the stages that are yellow or red."""
        limited = _limited(limits)
        rows = self._session.all(
            "turned_starts",
            today=today,
            most=most,
            versions=[each.version for each in limited],
            stages=[each.stage.value for each in limited],
            limits=[each.limit_days for each in limited],
            yellow=_yellow(limited),
        )
        return [(row["limit_days"], row["started_on"]) for row in rows]

    def mark(
        self, limits: Sequence[DatedLimit], turned: Sequence[Turned], today: date, *, at: datetime, most: int
    ) -> Mapping[Colour, int]:
        """Mark a page of the stages that have turned and are not marked; return how many by colour."""
        limited = _limited(limits)
        days = [(each, Colour.YELLOW, each.yellow_on) for each in turned]
        days += [(each, Colour.RED, each.red_on) for each in turned if each.red_on is not None]
        rows = self._session.all(
            "add_marks",
            today=today,
            at=at,
            most=most,
            versions=[each.version for each in limited],
            stages=[each.stage.value for each in limited],
            units=[each.unit for each in limited],
            limits=[each.limit_days for each in limited],
            turned_limits=[each.limit_days for each, _, _ in days],
            starts=[each.started_on for each, _, _ in days],
            colours=[colour.value for _, colour, _ in days],
            turned=[day for _, _, day in days],
        )
        return {Colour(row["colour"]): row["marked"] for row in rows}

    def escalate(
        self, limits: Sequence[DatedLimit], today: date, *, at: datetime, most: int
    ) -> Sequence[MadeEscalation]:
        """Keep that a page of red stages is told to the levels that they have reached, and return what to tell."""
        limited = _limited(limits)
        rows = self._session.all(
            "add_escalations",
            today=today,
            at=at,
            most=most,
            versions=[each.version for each in limited],
            stages=[each.stage.value for each in limited],
            units=[each.unit for each in limited],
            limits=[each.limit_days for each in limited],
            first=[each.levels[0] for each in limited],
            second=[each.levels[1] for each in limited],
            third=[each.levels[2] for each in limited],
        )
        parts: dict[int, list[Row]] = {}
        for row in rows:
            parts.setdefault(row["escalation_id"], []).append(row)
        return [_made(found) for found in parts.values()]

    def case(self, case_id: int) -> CaseSupervision:
        """Return the marks of one case, and what was told of it, with the step at which it was."""
        return CaseSupervision(
            marks=[
                Mark(
                    case_id=row["case_id"],
                    seq=row["seq"],
                    unit=row["unit"],
                    stage=Stage(row["stage"]),
                    colour=Colour(row["colour"]),
                    started_on=row["started_on"],
                    limit_days=row["limit_days"],
                    turned_on=row["turned_on"],
                    at=row["at"],
                )
                for row in self._session.all("marks_of_case", case_id=case_id)
            ],
            escalations=[
                (_escalation(row), row["seq"]) for row in self._session.all("escalations_of_case", case_id=case_id)
            ],
        )

    def count_marks(
        self, first: date, last: date, *, unit: str | None, policy: PolicyId | None, most: int
    ) -> Sequence[MarkCount]:
        """Return how many stages turned on each of these days, latest first."""
        return [
            MarkCount(
                turned_on=row["turned_on"],
                unit=row["unit"],
                stage=Stage(row["stage"]),
                colour=Colour(row["colour"]),
                cases=row["cases"],
            )
            for row in self._session.all("count_marks", first=first, last=last, unit=unit, policy_id=policy, most=most)
        ]

    def escalations(
        self, *, unit: str | None, units: Collection[str] | None = None, after: int, most: int
    ) -> Sequence[Escalation]:
        """Return a page of what was told, by number after a given one: of one unit, of some, or of all."""
        some = None if units is None else list(units)
        rows = self._session.all("escalations", unit=unit, units=some, after=after, most=most)
        return [_escalation(row) for row in rows]


def _limited(limits: Sequence[DatedLimit]) -> Sequence[DatedLimit]:
    return [each for each in limits if each.limit_days is not None]


def _yellow(limits: Sequence[DatedLimit]) -> list[date | None]:
    return [None if each.cut_offs is None else each.cut_offs.yellow for each in limits]


def _red(limits: Sequence[DatedLimit]) -> list[date | None]:
    return [None if each.cut_offs is None else each.cut_offs.red for each in limits]


def _case(row: Row) -> SupervisedCase:
    return SupervisedCase(
        case_id=row["case_id"],
        policy_id=row["policy_id"],
        uscc=row["uscc"],
        name=row["name"],
        amount_fen=row["amount_fen"],
        unit=row["unit"],
        stage=Stage(row["stage"]),
        started_on=row["started_on"],
        limit_days=row["limit_days"],
        colour=Colour(row["colour"]),
    )


def _made(rows: Sequence[Row]) -> MadeEscalation:
    """Return one escalation from its rows, one for each limit."""
    first = rows[0]
    assert sum(row["of_limit"] for row in rows) == first["cases"]
    return MadeEscalation(
        escalation_id=first["escalation_id"],
        unit=first["unit"],
        stage=Stage(first["stage"]),
        level=first["level"],
        cases=first["cases"],
        told=first["told"],
        oldest_on={row["limit_days"]: row["oldest_on"] for row in rows},
        policies=sorted({policy for row in rows for policy in row["policies"]}),
    )


def _escalation(row: Row) -> Escalation:
    return Escalation(
        escalation_id=row["escalation_id"],
        unit=row["unit"],
        stage=Stage(row["stage"]),
        level=row["level"],
        day=row["day"],
        cases=row["cases"],
        amount_fen=row["amount_fen"],
        oldest_on=row["oldest_on"],
        told=tuple(row["told"]),
    )
