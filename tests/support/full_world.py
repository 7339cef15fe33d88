"""A small service in which something of every kind has happened: whatever a page can show is there to be seen.

Guarantees that it came about by the services, from files that were sent to money that came back, so that all of it
agrees. Two firms have most of it; `everybody` is the smaller world for requests at random.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from io import BytesIO
from itertools import count
from pathlib import Path

from policy_match.cases.history import CaseFilter
from policy_match.cases.ratings import Grade
from policy_match.cases.rechecking import RecheckPurpose
from policy_match.ledger.accounts import LineId
from policy_match.payments.accounts import AccountSource
from policy_match.payments.recovery import RecoveryKind
from policy_match.policy.loader import load_rules
from policy_match.policy.model import PayeeKind
from policy_match.reports.model import Span
from policy_match.scheduler.timetable import JOBS
from policy_match.services.account_files import take_sent_accounts
from policy_match.services.allocate_budget import allocate_budget
from policy_match.services.answer_cases import Answer, AnswerKind, answer_cases
from policy_match.services.approval_lists import make_lists
from policy_match.services.budget_lines import add_line, appropriate
from policy_match.services.corrections import ask_correction, keep_evidence
from policy_match.services.decide_lists import approve_list
from policy_match.services.duties import grant_duty
from policy_match.services.exclusions import exclude_firm
from policy_match.services.job_reports import find_job, run_by_hand
from policy_match.services.notify_cases import notify_cases, publish_cases
from policy_match.services.objections import lodge_objection
from policy_match.services.orders_to_act import issue_order
from policy_match.services.payee_accounts import StatedAccount, take_accounts
from policy_match.services.policy_reviews import open_review, suggest
from policy_match.services.prepare_notices import prepare_notices
from policy_match.services.ratings import rate_case
from policy_match.services.recheck_cases import recheck_cases
from policy_match.services.recover_payments import decide
from policy_match.services.roles import grant_role
from policy_match.storage.embedded import EmbeddedPostgres
from policy_match.storage.unit_of_work import Database
from policy_match.values import Digest, FactName, PolicyId
from tests.support.answered import PDF
from tests.support.api import ApiClient, TestDesk, client_of, firm_user, staff
from tests.support.cases import (
    CALENDAR,
    OUTSIDER,
    MovableClock,
    PolicyText,
    amended,
    budget,
    chosen,
    process,
    stacking,
    tables,
    uscc,
    write_policies,
)
from tests.support.everybody import APPROVAL_ROLES, Everybody
from tests.support.payment_desk import Desk, Inbox, channel_named
from tests.support.payment_flow import BANK_CODE, CUT_OFF, SEALER
from tests.support.postgres import new_database, of_superuser
from tests.support.prepared import wording
from tests.support.requests import do_requests
from tests.support.signed_in import PERSONNEL, open_entrance
from tests.support.told import tell
from tests.support.webhook_receiver import WebhookReceiver

AS_OF = "2025-06-30"
HERE = "人社局"
CLERK, BUDGET_OFFICER, PAYER, CHIEF = "chen.jing", "zhao.min", "qian.duo", "ma.chao"
SIGNERS = ("sun.li", "wu.ping")
OPENING_FEN = 10_000_000_000

MAPPING = """
source = "样例"
key = "uscc"
observed = 2025-06-30

[fact.ent_name]
column = "企业名称"
parse = "text"
[fact.headcount]
column = "参保人数"
parse = "integer"
[fact.premium]
column = "缴费"
parse = "money_yuan"
[fact.tax_retained]
column = "留存"
parse = "money_yuan"
"""

HEADER = "uscc,企业名称,参保人数,缴费,留存\n"
OUTSIDE = f"{OUTSIDER},局外有限公司,0,0,0\n"
ALL_MATCH = HEADER + f"{uscc(1)},示例1有限公司,50,2000,5000\n"
"""Every policy fits every firm of it: a person is to look at that."""

FIRST = HEADER + "".join(f"{uscc(number)},示例{number}有限公司,10,{1999 + number},5000\n" for number in range(1, 6))
FIRST += f"坏代码,=危险,1,1,1\n{uscc(6)},示例6有限公司,很多,2005,1\n" + OUTSIDE
SECOND = HEADER + f"{uscc(1)},示例1有限公司,10,2100,\n" + f"{uscc(7)},示例7有限公司,50,2007,1\n"
SECOND += "".join(f"{uscc(number)},示例{number}有限公司,10,{1999 + number},5000\n" for number in range(2, 5))
SECOND += f"{uscc(5)},示例5有限公司,0,2004,5000\n坏代码,=危险,1,1,1\n" + OUTSIDE

SWORN = tables(budget(), process(commitment=True)).replace("True", "true")
POLICIES: Mapping[str, PolicyText] = {
    **chosen("confirm", "direct", "relief", "title", "capped"),
    "one": amended("direct", tables=tables(stacking("pick", "exclusive"), budget(), process())),
    "other": amended(
        "direct", tables=tables(stacking("pick", "exclusive"), budget(), process()), amount="premium * 0.3"
    ),
    "quick": amended("confirm", tables=tables(budget(), process())),
    "sworn": amended("confirm", tables=SWORN),
    "poor": amended("direct", tables=tables(budget("parks"), process())),
    "larger": amended("direct", when="headcount >= 13", amount="premium * 2"),
    "taxed": amended("direct", when="tax_retained > 0", amount="premium * 3"),
}
OLDER: Mapping[str, PolicyText] = {**POLICIES, "capped": amended("capped", amount="premium * 0.4")}
"""The rules of the first sweep."""

PAID = ("direct", "quick")
SIGNED = (*PAID, "confirm")


INVENTED = re.compile(
    "参保人数少计|示例|有限公司|局外|坏代码|很多|样例|人社局|税务局|市场监管局|人民银行|企业名称|参保人数|缴纳失业保险费|地方留存税收|贷款利息"
    "|有参保人员|就业补助|预算|多计一人|金额有误|等了三个月才到账|附缴费记录|月新增|人参保|希望一次发放|不分两期"
    "|列入严重失信名单|请尽快办理|知识共享署名|国际|人|一"
    "|请确认是否享受|政策告知|已付款|须退还款项|中文"
)
"""What is Chinese because people wrote it: names, titles, facts, articles, reasons, subjects of letters, a licence."""


class FullDesk(TestDesk):
    """The application with files, payments and a webhook, in a folder of the test."""

    has_payments = True
    bank_inbox = None

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database, write_policies(folder / "rules", OLDER), MovableClock(), folder)
        self.rules_folder = folder / "rules"
        self.account_sealer = SEALER
        self.mappings = folder / "mappings"
        self.mappings.mkdir()
        (self.mappings / "registry.toml").write_text(MAPPING, encoding="utf-8")

    @property
    def mappings_folder(self) -> Path:
        """Where the mapping is."""
        return self.mappings

    @property
    def payment_channel(self):  # type: ignore[no-untyped-def, override]
        """A channel with an invented payer."""
        return channel_named("iso20022")

    def payment_cut_off(self, year: int) -> date:
        """Return the last day on which orders are made."""
        return CUT_OFF.replace(year=year)


@contextmanager
def full_world(server: EmbeddedPostgres, folder: Path) -> Iterator[Everybody]:
    """Make the world, and yield it with the people who can sign in to it."""
    for url in new_database(server.url, of_superuser(server.url), template="policy_match"):
        with Database(url) as database, WebhookReceiver() as receiver:
            desk = FullDesk(database, folder)
            desk.webhook_office = receiver.office()
            made = _Maker(desk)
            made.cases_from_files()
            made.money()
            made.words_of_firms()
            made.supervision()
            administrator = client_of(desk, staff("administrator"))
            assert administrator.post("/webhooks", {"url": receiver.url}).status_code == 201
            yield Everybody(entrance=open_entrance(database, desk=desk), numbers=count(1))


class _Maker:
    """Makes one part of the world after the other."""

    def __init__(self, desk: FullDesk) -> None:
        self.desk, self.database, self.clock = desk, desk.database, desk.clock
        self.clerk: ApiClient = client_of(desk, staff("clerk", person=CLERK))

    def cases_from_files(self) -> None:
        """Import three files, sweep two, open the cases of the last, and tell the firms."""
        self.doubtful = self.imported(ALL_MATCH)
        assert self.sweep(self.imported(FIRST)) == {"done": 1}
        write_policies(self.desk.rules_folder, POLICIES)
        self.desk.rules = load_rules(self.desk.rules_folder)
        assert self.sweep(self.imported(SECOND)) == {"done": 1}
        assert self.ask("/requests/openings", {"sweep_id": "latest"}) == {"done": 1}
        notify_cases(self.database, CALENDAR, clock=self.clock, by=CLERK)
        prepare_notices(self.database, wording(), clock=self.clock)

    def money(self) -> None:
        """Confirm, sign and pay; one payment comes back, one line of the bank is of nobody, one was too much."""
        given = [
            Answer(case_id=self.case(policy, firm), kind=AnswerKind.CONFIRM, by=f"firm:{uscc(firm)}")
            for policy in ("confirm", "quick")
            for firm in (1, 2)
        ]
        assert not answer_cases(self.database, CALENDAR, given, clock=self.clock).refused
        self.recheck(RecheckPurpose.APPROVAL)
        add_line(self.database, self.clock, fund="jobs", year=2025, label="就业补助", by=BUDGET_OFFICER)
        line, about = LineId("jobs-2025"), "示例预算"
        appropriate(self.database, self.clock, line=line, amount_fen=10_000_000, by=BUDGET_OFFICER, about=about)
        for policy in (*SIGNED, "one", "capped"):
            allocate_budget(self.database, self.clock, policy_id=PolicyId(policy), by=BUDGET_OFFICER)
        self.sign()
        self.recheck(RecheckPurpose.PAYMENT)
        self.accounts()
        self.pay()

    def sign(self) -> None:
        """Put cases on lists, of which one waits for its signatures."""
        for person, role in zip(SIGNERS, APPROVAL_ROLES, strict=True):
            grant_role(self.database, self.clock, person=person, role=role, by=PERSONNEL)
        for policy in SIGNED:
            (made,) = make_lists(self.database, self.clock, policy_id=PolicyId(policy), by=CLERK).made
            for person in SIGNERS:
                approve_list(self.database, self.clock, list_id=made.kept.list_id, by=person, seen=made.kept.digest)
        assert make_lists(self.database, self.clock, policy_id=PolicyId("capped"), by=CLERK).made

    def accounts(self) -> None:
        """State an account of each firm."""
        rows = [
            StatedAccount(
                row=number,
                uscc=uscc(number),
                holder=f"示例{number}有限公司",
                number=f"622848040256489{number:04d}",
                bank_code=BANK_CODE,
                source="firm",
                kind=PayeeKind.FIRM,
            )
            for number in range(1, 8)
        ]
        assert not take_accounts(rows, self.database, SEALER, self.clock, by=CLERK).refused
        table = f"uscc,holder,number,bank_code\n{uscc(1)},示例1有限公司,99990000,1020\n".encode()
        take_sent_accounts(
            self.database, SEALER, self.clock, self.desk.sent_table, content=table, source=AccountSource.TAX, by=CLERK
        )

    def pay(self) -> None:
        """Order, send, hear from the bank, and compare."""
        office, bank = Desk(database=self.database, clock=self.clock, by=PAYER), Inbox()
        office.pay(bank)
        self.clock.move(1)
        fee = replace(office.booking(bank.payments[0], ref="FEE", fen=700), attempt_id=None)
        office.take(office.statement(*(office.booking(each) for each in bank.payments), fee))
        self.clock.move(1)
        # The largest amounts are firm 1's: what comes back is another's.
        back = bank.payments[0]
        total = sum(each.amount_fen for each in bank.payments) + 700
        office.take(office.statement(office.returning(back), opening_fen=OPENING_FEN - total))
        office.reconcile()
        decide(
            self.database,
            self.clock,
            case_id=self.case("direct", 3),
            kind=RecoveryKind.OVERPAYMENT,
            right_fen=80_000,
            reason="多计一人",
            by=PAYER,
        )
        publish_cases(self.database, CALENDAR, clock=self.clock, by=CLERK)
        prepare_notices(self.database, wording(), clock=self.clock)
        tell(self.database, self.clock.now())

    def words_of_firms(self) -> None:
        """Objections, appeals, corrections, ratings, wishes."""
        first, second = f"firm:{uscc(1)}", f"firm:{uscc(2)}"
        lodge_objection(
            self.database, CALENDAR, self.case("confirm", 2), by=second, ground="金额有误", clock=self.clock
        )
        firm = client_of(self.desk, firm_user(uscc(1)))
        appeal = {"policy_id": "confirm", "case_id": self.case("confirm", 1), "ground": "参保人数少计"}
        assert firm.post("/firm/appeals", appeal).status_code == 201
        digest = Digest(hashlib.sha256(PDF).hexdigest())
        keep_evidence(self.database, self.desk.evidence, self.clock, uscc(1), BytesIO(PDF), digest, by=first)
        ask_correction(
            self.database,
            CALENDAR,
            self.desk.rules.catalogue,
            self.clock,
            uscc(1),
            fact=FactName("headcount"),
            record_id="",
            case_id=self.case("confirm", 1),
            claim="13 人",
            reason="6 月新增 3 人参保,附缴费记录",
            evidence=digest,
            by=first,
        )
        said = Grade.VERY_BAD, "等了三个月才到账"
        rate_case(self.database, CALENDAR, self.clock, uscc(1), self.case("quick", 1), *said, by=first)
        suggest(self.database, self.clock, PolicyId("quick"), "希望一次发放,不分两期", by=first)

    def supervision(self) -> None:
        """A review, an exclusion, an order to act, work that stopped and work that waits, and the published figures."""
        span = Span(first=date(2025, 1, 1), last=date(2025, 12, 31))
        open_review(self.database, self.clock, PolicyId("quick"), span, owner=CLERK, by=CHIEF)
        since = self.clock.now().date()
        exclude_firm(self.database, uscc(7), since=since, reason="列入严重失信名单", by=CLERK, clock=self.clock)
        grant_duty(self.database, self.clock, unit=HERE, level=1, person=CLERK, by=CHIEF)
        late = PolicyId("sworn")
        issue_order(self.database, CALENDAR, self.clock, unit=HERE, ground="请尽快办理", days=5, by=CHIEF, policy=late)
        lease = self.database.runner_lease("test", 2)
        try:
            job = find_job(JOBS, "report")
            run_by_hand(self.desk, job, lease, by=CHIEF, rules_folder=self.desk.rules_folder)
        finally:
            lease.close()
        assert self.sweep(self.doubtful) == {"failed": 1}
        assert self.clerk.post("/requests/notifications", {"policy_id": "sworn"}).status_code == 202

    def imported(self, text: str) -> str:
        """Send and import a file, and return the name of its snapshot."""
        content = text.encode("gb18030")
        digest = hashlib.sha256(content).hexdigest()
        assert self.clerk.upload("PUT", f"/uploads/{digest}", content, "text/csv").status_code == 200
        wanted = {"sources": [{"mapping": "registry", "upload": digest}], "as_of": AS_OF}
        number = self.clerk.post("/requests/imports", wanted).get_json()["request_id"]
        ended, found = self.work(), self.clerk.get(f"/requests/{number}").get_json()
        assert ended == {"done": 1}, found
        return str(found["result"]["snapshot_id"])

    def sweep(self, snapshot: str) -> Mapping[str, int]:
        """Sweep a snapshot."""
        return self.ask("/requests/sweeps", {"snapshot_id": snapshot, "as_of": AS_OF})

    def ask(self, path: str, wanted: object) -> Mapping[str, int]:
        """Ask for work and do it."""
        answer = self.clerk.post(path, wanted)
        assert answer.status_code == 202, answer.get_data(as_text=True)
        return self.work()

    def work(self) -> Mapping[str, int]:
        """Do what was asked for."""
        return do_requests(self.desk, self.database, self.desk.rules_folder)

    def recheck(self, purpose: RecheckPurpose) -> None:
        """Read again whether the firms are still entitled."""
        recheck_cases(self.database, self.desk.truth_files, purpose=purpose, clock=self.clock, by=CLERK)

    def case(self, policy: str, firm: int) -> int:
        """Return the case of a firm."""
        with self.database.unit_of_work() as work:
            lines = work.cases.history.lines(CaseFilter(policy_id=PolicyId(policy)), after=0, most=100)
        (found,) = [line.case_id for line in lines if line.uscc == uscc(firm)]
        return found
