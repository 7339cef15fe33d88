"""The world that the benchmark of the web asks: a database with cases on public display, and people who may ask.

Guarantees that cases came where they stand by the services alone, on today's days, so that the server of the manual
shows them. Half of the cases, those of one policy, are on public display; those of the other wait for approval.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

from policy_match.cases.approval import FIRM_PREFIX
from policy_match.cases.history import CaseFilter
from policy_match.cases.model import Status
from policy_match.cases.rechecking import RecheckPurpose
from policy_match.cases.working_days import WorkingDays, china_day
from policy_match.config import parse_account_keys
from policy_match.engines.arrow import ArrowEngine
from policy_match.identity.accounts import AccountKind
from policy_match.identity.principal import Scope, ServiceRole
from policy_match.identity.rules import IdentityRules
from policy_match.ledger.accounts import line_id
from policy_match.ports import Clock
from policy_match.services.accounts import add_account
from policy_match.services.allocate_budget import allocate_budget
from policy_match.services.answer_cases import Answer, AnswerKind, answer_cases
from policy_match.services.approval_lists import make_lists
from policy_match.services.budget_lines import add_line, appropriate
from policy_match.services.case_history import MOST_LISTED, list_cases
from policy_match.services.decide_lists import approve_list
from policy_match.services.delegations import delegate
from policy_match.services.identity_desk import IdentityDesk
from policy_match.services.keep_sweep import keep_sweep
from policy_match.services.machine_tokens import make_token
from policy_match.services.notify_cases import notify_cases, publish_cases
from policy_match.services.open_cases import open_cases
from policy_match.services.passwords import Passwords
from policy_match.services.recheck_cases import recheck_cases
from policy_match.services.roles import grant_role
from policy_match.services.sessions import begin_session
from policy_match.storage.account_keys import key_text
from policy_match.storage.account_sealer import AccountSealer
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.migrate import migrate
from policy_match.storage.truth_files import TruthFiles
from policy_match.storage.unit_of_work import Database
from policy_match.wiring.parts import ACCOUNT_KEYS, SystemClock
from tests.benchmarks.payment_world import AS_OF, FUNDS, REFUND, firms_for, write_rules, write_snapshot

FIRM_USERS = 500
"""Firms whose users ask for their home page."""

BUDGET_FEN = 10**15
CLERK, REVIEWER, APPROVER, SUPERVISOR = "wang.fang", "li.ming", "zhao.lei", "sun.li"
SIGNERS = ((REVIEWER, "reviewer"), (APPROVER, "approver"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Proofs:
    """Who can ask: a machine by its token; users of firms, and a supervisor of the bureau, by their sessions.

    `displayed_on` is the day on which the cases of one policy went on public display.
    """

    token: str = field(repr=False)
    sessions: Sequence[str] = field(repr=False)
    supervisor: str = field(repr=False)
    displayed_on: date


@contextmanager
def filled(folder: Path, count: int) -> Iterator[tuple[str, Proofs]]:
    """Fill a database with so many cases; give its address and who can ask."""
    with EmbeddedPostgres(folder) as postgres:
        migrate(postgres.url)
        rules, clock = write_rules(folder / "rules"), SystemClock()
        snapshot = write_snapshot(folder / "data" / "snapshots", rules, firms_for(count))
        with Database(postgres.url) as database:
            truth_files = TruthFiles(folder / "truth")
            kept = keep_sweep(rules, snapshot, ArrowEngine(), database, truth_files, as_of=AS_OF)
            open_cases(database, lambda _, __: snapshot, kept.sweep, clock=clock, by="bench")
            displayed_on = _display(database, truth_files, clock)
            ends_on = (datetime.now(UTC) + timedelta(days=30)).date()
            made_token = make_token(
                database, clock, name="bench", scopes=frozenset({Scope.CASES_READ}), ends_on=ends_on, by="bench"
            )
            keys = parse_account_keys(key_text(folder / "data" / ACCOUNT_KEYS), "bench")
            desk = IdentityDesk(rules=IdentityRules(), sealer=AccountSealer(keys), passwords=Passwords())
            proofs = Proofs(
                token=made_token.secret,
                sessions=_sign_in_firms(database, clock, desk),
                supervisor=_sign_in_supervisor(database, clock, desk),
                displayed_on=displayed_on,
            )
        yield postgres.url, proofs


def _display(database: Database, truth_files: TruthFiles, clock: Clock) -> date:
    """Carry the cases of the policy that asks firms to public display; return the day on which it began."""
    for person, role in SIGNERS:
        grant_role(database, clock, person=person, role=role, by="admin")
    year = china_day(clock.now()).year
    for fund in FUNDS:
        add_line(database, clock, fund=fund, year=year, label=fund, by="admin")
        appropriate(database, clock, line=line_id(fund, year), amount_fen=BUDGET_FEN, by="treasury")
    notify_cases(database, WorkingDays(), clock=clock, by=CLERK, policy=REFUND)
    _confirm(database, clock)
    recheck_cases(database, truth_files, purpose=RecheckPurpose.APPROVAL, clock=clock, by=CLERK)
    allocate_budget(database, clock, policy_id=REFUND, by=CLERK)
    made = make_lists(database, clock, policy_id=REFUND, by=CLERK).made
    for person, _ in SIGNERS:
        for each in made:
            approve_list(database, clock, list_id=each.kept.list_id, by=person)
    publish_cases(database, WorkingDays(), clock=clock, by=CLERK)
    return china_day(clock.now())


def _confirm(database: Database, clock: Clock) -> None:
    """Let every firm that was asked say yes, a page of cases at a time: answered cases leave the pages."""
    while lines := list_cases(database, CaseFilter(status=Status.NOTIFIED), most=MOST_LISTED):
        answers = [
            Answer(case_id=line.case_id, kind=AnswerKind.CONFIRM, by=f"{FIRM_PREFIX}{line.uscc}") for line in lines
        ]
        answered = answer_cases(database, WorkingDays(), answers, clock=clock)
        assert not answered.refused, answered.refused[0]


def _sign_in_firms(database: Database, clock: Clock, desk: IdentityDesk) -> Sequence[str]:
    """Begin a session of one user for each of some firms that have cases; return their secrets."""
    firms = dict.fromkeys(line.uscc for line in list_cases(database, most=MOST_LISTED))
    secrets = []
    for number, uscc in enumerate(islice(firms, FIRM_USERS)):
        account = add_account(database, clock, name=f"bench.{number}", kind=AccountKind.FIRM, by="bench")
        delegate(database, clock, uscc=uscc, user=account.name, is_owner=True, by="bench")
        with database.unit_of_work() as work:
            secrets.append(begin_session(work, desk, account, clock.now(), uscc=uscc).secret)
            work.commit()
    return secrets


def _sign_in_supervisor(database: Database, clock: Clock, desk: IdentityDesk) -> str:
    """Begin a session of somebody who may see every statistic; return its secret."""
    account = add_account(database, clock, name=SUPERVISOR, kind=AccountKind.STAFF, by="bench")
    grant_role(database, clock, person=SUPERVISOR, role=ServiceRole.SUPERVISOR, by="admin")
    with database.unit_of_work() as work:
        secret = begin_session(work, desk, account, clock.now()).secret
        work.commit()
    return secret
