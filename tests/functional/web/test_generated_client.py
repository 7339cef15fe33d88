"""A client generated from the document runs the whole chain: from the registry's file to the closed, audited case.

The server and the scheduler are real processes on a clock that the test moves; the bank is an invented one that takes
files from a folder. What people and other systems do goes through the generated package, nothing else.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from connectors.payment_channels.invented_bank import HANDED_OVER, PAYER, InventedBank
from policy_match.services.sample_region.accounts import corrected_account, is_closed
from policy_match.services.sample_region.writing import write_sample_region
from policy_match.values import Uscc
from tests.fault.scheduler.children import SharedClock
from tests.functional.api.render import document
from tests.support.cases import POLICY, budget, head, process, tables
from tests.support.generated_client import Caller, make_package
from tests.support.waiting import until
from tests.support.web_server import ask, free_port

ROOT = Path(__file__).parents[3]
FIRMS = 400
AS_OF = "2025-06-30"
SOURCES = ("registry", "social-insurance")
YEAR = 2025
BUDGET_FEN = 10_000_000_000
STAFF = {
    "wang.fang": ["clerk"],
    "qian.jun": ["budget"],
    "sun.li": ["payer"],
    "li.ming": ["reviewer"],
    "zhao.lei": ["approver"],
    "zhou.wei": ["auditor"],
}

WEB = """
[server]
bind = "127.0.0.1:{port}"
processes = 1
threads = 4
stop_seconds = 20
[identity]
staff_second_factor = false
"""

PAYMENTS = """
channel = "iso20022"
outbox = "bank/{outbox}"
[settings]
"""

POLICIES = {
    "direct-refund": (head("direct"), tables(budget(), process())),
    "confirmed-grant": (head("confirm"), tables(budget(), process(publicity_days=1, silence="waived"))),
}
STEPS = ("confirm", "approve", "publish", "order", "close")
"""What must stand in the trail of the case, in this order."""

WHEN = "operating_status == '存续' and insured_headcount >= 40 and unemp_premium_paid_y1 > 0"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    made, complaints = make_package(document(), tmp_path_factory.mktemp("client"))
    assert {
        str(each.detail) for each in complaints if not str(each.detail).startswith("Unsupported content type")
    } == set()
    return made


@dataclass(kw_only=True)
class Office:
    """The service as its users reach it, and the clock on the wall."""

    folder: Path
    port: int
    clock: SharedClock
    package: ModuleType
    passwords: dict[str, str] = field(default_factory=dict)
    people: dict[str, Caller] = field(default_factory=dict)

    def caller(self) -> Caller:
        return Caller(package=self.package, base_url=f"http://127.0.0.1:{self.port}")

    def person(self, name: str) -> Caller:
        """Return somebody who has signed in."""
        if name not in self.people:
            self.people[name] = self.caller().sign_in(name, self.passwords[name])
        return self.people[name]

    def later(self, moment: str) -> None:
        """Let time pass: until then, all sessions have ended."""
        self.clock.move_on(moment)
        self.leave()

    def leave(self) -> None:
        """Let everybody hang up."""
        for each in self.people.values():
            each.close()
        self.people.clear()

    def done(self, request: Any, by: Caller) -> dict[str, Any]:
        """Let the scheduler do what was asked for, and return what it gave."""
        self.clock.move(1 / 1440)

        def ended() -> bool:
            return str(by.read("requests", "show_request", request_id=request.request_id).status) in (
                "done",
                "failed",
            )

        until(ended, f"request {request.kind} is done")
        found = by.read("requests", "show_request", request_id=request.request_id)
        assert str(found.status) == "done", (found.code, found.detail)
        return dict(found.result.to_dict())


@contextmanager
def process_of(folder: Path, *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run the command in a process of its own, and end it with the test."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("POLICY_MATCH_")}
    environ |= {
        "POLICY_MATCH_DATA_DIR": str(folder / "data"),
        "POLICY_MATCH_WEB": str(folder / "web.toml"),
        "POLICY_MATCH_PAYMENTS": str(folder / "payments.toml"),
        "POLICY_MATCH_ACCOUNT_KEYS": "7" * 64,
        "POLICY_MATCH_LANG": "en",
    }
    command = [sys.executable, "-m", "tests.support.on_clock", str(folder / "clock"), *arguments]
    with (
        (folder / f"{arguments[1]}.log").open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=log) as running,
    ):
        try:
            yield running
        finally:
            if running.poll() is None:
                running.terminate()
                running.wait(60)


def said(folder: Path, *arguments: str) -> Any:
    """Type a command that ends, and return what it said."""
    with process_of(folder, *arguments, "--json") as running:
        out, _ = running.communicate(timeout=60)
    assert running.returncode == 0, (folder / f"{arguments[1]}.log").read_text()
    return json.loads(out)


@pytest.fixture(scope="module")
def office(package: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder, port = tmp_path_factory.mktemp("office"), free_port()
    clock = SharedClock(folder / "clock")
    (folder / "web.toml").write_text(WEB.format(port=port))
    settings = "".join(f'{name} = "{value}"\n' for name, value in PAYER.items())
    (folder / "payments.toml").write_text(PAYMENTS.format(outbox=HANDED_OVER) + settings)
    rules = folder / "rules"
    rules.mkdir()
    (rules / "facts.toml").write_bytes((ROOT / "rules" / "facts.toml").read_bytes())
    for name, (head_text, more) in POLICIES.items():
        text = POLICY.format(name=name, head=head_text, tables=more, amount="unemp_premium_paid_y1 * 0.5", when=WHEN)
        (rules / f"{name}.toml").write_text(text)
    with ExitStack() as stack:
        stack.enter_context(process_of(folder, "run", "web", "--rules", str(rules)))
        until(lambda: _ready(port), "the server is ready")
        stack.enter_context(process_of(folder, "run", "scheduler", "--rules", str(rules)))
        office = Office(folder=folder, port=port, clock=clock, package=package)
        stack.callback(office.leave)
        yield office


def _ready(port: int) -> bool:
    try:
        return ask(port, "/health/ready").status == 200
    except OSError:
        return False


# httpcore leaves a connection on which a file was sent to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.slow
def test_a_generated_client_runs_the_whole_chain(office: Office) -> None:
    _let_people_in(office)
    sweep = _sweep(office, _import(office))
    cases = _release(office, sweep)
    confirmed = _confirm(office, cases)
    listed = _approve(office)
    assert confirmed in listed
    _publish(office, confirmed)
    _pay(office, cases, listed)
    _show_trail(office, confirmed)


def _let_people_in(office: Office) -> None:
    made = said(office.folder, "accounts", "administrator", "chen.jie", "--by", "setup")
    office.passwords["chen.jie"] = made["password"]
    administrator = office.person("chen.jie")
    for name, roles in STAFF.items():
        _account(office, name, "staff")
        for role in roles:
            administrator.write(
                "accounts", "grant_role", body=administrator.make("grant_input", person=name, role=role)
            )


def _account(office: Office, name: str, kind: str) -> None:
    administrator = office.person("chen.jie")
    administrator.write("accounts", "add_account", body=administrator.make("account_input", name=name, kind=kind))
    office.passwords[name] = administrator.write("accounts", "make_password", name=name).password


def write_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def _import(office: Office) -> str:
    """Send two departments' files as another system, with a token; return the snapshot."""
    administrator = office.person("chen.jie")
    token = administrator.make(
        "token_input",
        name="data-exchange",
        scopes=["registry:read", "registry:write", "jobs:read"],
        ends_on="2025-12-31",
    )
    secret = administrator.write("tokens", "make_token", body=token).secret
    with closing(office.caller().with_token(secret)) as machine:
        return _import_as(office, machine)


def _import_as(office: Office, machine: Caller) -> str:
    written = write_sample_region(
        office.folder / "region",
        write_file,
        firms=FIRMS,
        as_of=datetime.fromisoformat(AS_OF).date(),
    )
    File = machine.package.types.File
    sources = []
    for file in written:
        name = Path(file.mapping).stem
        if name in SOURCES:
            content = file.path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            machine.write("registry", "put_upload", digest=digest, body=File(payload=BytesIO(content)))
            sources.append({"mapping": f"sample_region/{name}", "upload": digest})
    asked = machine.write(
        "requests", "request_import", body=machine.make("wanted_import", sources=sources, as_of=AS_OF)
    )
    return str(office.done(asked, machine)["snapshot_id"])


def _sweep(office: Office, snapshot: str) -> str:
    clerk = office.person("wang.fang")
    body = clerk.make("wanted_sweep", snapshot_id=snapshot, as_of=AS_OF)
    found = office.done(clerk.write("requests", "request_sweep", body=body), clerk)
    assert found["eligible"] > 0
    return str(found["sweep_id"])


def _release(office: Office, sweep: str) -> Sequence[Any]:
    """Open the cases and tell the firms; return the cases."""
    clerk = office.person("wang.fang")
    office.done(clerk.write("requests", "request_opening", body=clerk.make("wanted_opening", sweep_id=sweep)), clerk)
    office.done(clerk.write("requests", "request_notification", body=clerk.make("of_policies")), clerk)
    found = clerk.all("cases", "list_cases", limit=50)
    assert {each.policy_id for each in found} == POLICIES.keys()
    return found


def _confirm(office: Office, cases: Sequence[Any]) -> int:
    """Confirm one case as its firm, state the firm's account, and return the case."""
    case = next(each for each in cases if each.policy_id == "confirmed-grant")
    administrator = office.person("chen.jie")
    _account(office, "firm.user", "firm")
    delegation = administrator.make("delegation_input", is_owner=True)
    administrator.write("delegations", "delegate_user", uscc=case.uscc, user="firm.user", body=delegation)
    firm = office.person("firm.user")
    mine = firm.all("firm", "list_firm_cases")
    assert {each.case_id for each in mine} >= {case.case_id}
    firm.write("firm", "confirm_firm_case", case_id=case.case_id)
    account = corrected_account(1, Uscc(case.uscc), case.name, 2)
    stated = firm.make("new_account", holder=account.holder, number=account.number, bank_code=account.bank_code)
    firm.write("firm", "state_firm_account", body=stated)
    return int(case.case_id)


def _approve(office: Office) -> set[int]:
    """Recheck, share the budget, list, and let two people sign; return the cases that were approved."""
    clerk, money = office.person("wang.fang"), office.person("qian.jun")
    recheck = clerk.make("wanted_recheck", purpose="approval")
    office.done(clerk.write("requests", "request_recheck", body=recheck), clerk)
    money.write("budget", "add_budget_line", body=money.make("new_line", fund="jobs", year=YEAR))
    body = money.make("appropriation", amount_fen=BUDGET_FEN, about="示例文件")
    money.write("budget", "appropriate_to_line", line=f"jobs-{YEAR}", body=body)
    for policy in POLICIES:
        money.write("budget", "allocate_policy_budget", policy_id=policy, body=money.make("sharing"))
        office.done(
            clerk.write("requests", "request_approval_lists", body=clerk.make("of_policy", policy_id=policy)), clerk
        )
    listed: set[int] = set()
    for each in clerk.all("approvals", "list_approval_lists"):
        listed |= {item.case_id for item in clerk.all("approvals", "list_listed_cases", list_id=each.list_id)}
        for name in ("li.ming", "zhao.lei"):
            person = office.person(name)
            shown = person.read("approvals", "show_approval_list", list_id=each.list_id)
            signed = person.write(
                "approvals",
                "sign_approval_list",
                list_id=each.list_id,
                body=person.make("signing", digest=shown.kept.digest),
            )
        assert signed.complete
    return listed


def _publish(office: Office, confirmed: int) -> None:
    """Put on display what is to be displayed, and wait until its last day is over."""
    clerk = office.person("wang.fang")
    office.done(clerk.write("requests", "request_publication", body=clerk.make("of_policies")), clerk)
    shown = clerk.read("cases", "show_case", case_id=confirmed)
    assert str(shown.case.status) == "published"
    office.later("2025-07-03T09:00")


def _pay(office: Office, cases: Sequence[Any], listed: set[int]) -> None:
    """Order, send to the invented bank, take its files, compare, and close."""
    clerk, payer = office.person("wang.fang"), office.person("sun.li")
    office.done(clerk.write("requests", "request_recheck", body=clerk.make("wanted_recheck", purpose="payment")), clerk)
    accounts = [
        corrected_account(row, Uscc(each.uscc), each.name, 2) for row, each in enumerate(_one_of_each_firm(cases), 1)
    ]
    body = payer.make(
        "new_payee_accounts",
        accounts=[
            {"uscc": a.uscc, "holder": a.holder, "number": a.number, "bank_code": a.bank_code, "source": "firm"}
            for a in accounts
        ],
    )
    assert payer.write("payments", "take_payee_accounts", body=body).refused == 0
    # The scheduler's own jobs fall due at the same time; whoever is first, each case is ordered and sent once.
    office.done(payer.write("requests", "request_orders", body=payer.make("of_policies")), payer)
    office.done(payer.write("requests", "request_sending", body=payer.make("nothing")), payer)
    bank = InventedBank(office.folder / "bank", is_closed)
    for moment in ("2025-07-03T12:00", "2025-07-04T12:00"):
        office.later(moment)
        _take_files(office, bank)
    done = office.person("sun.li").write(
        "payments",
        "reconcile_bank",
        body=payer.make("new_reconciliation", up_to="2025-07-04", close=True),
    )
    assert (done.agrees, done.closed) == (True, len(listed))


def _one_of_each_firm(cases: Sequence[Any]) -> Sequence[Any]:
    return list({each.uscc: each for each in cases}.values())


def _take_files(office: Office, bank: InventedBank) -> None:
    payer = office.person("sun.li")
    File = payer.package.types.File
    for name, content in bank.answers(office.clock.now()):
        payer.write("payments", "take_file_of_bank", name=name, body=File(payload=BytesIO(content)))


def _show_trail(office: Office, case_id: int) -> None:
    """Show everything about the case to the auditor."""
    auditor = office.person("zhou.wei")
    trail = auditor.read("audit", "show_case_trail", case_id=case_id)
    assert str(trail.case.case.status) == "closed"
    assert trail.same_as_kept
    steps = [str(each.event) for each in trail.case.events]
    assert [each for each in steps if each in STEPS] == list(STEPS)
    done = {each.operation for each in auditor.all("actions", "list_actions", limit=500)}
    assert {"confirm_firm_case", "sign_approval_list", "take_file_of_bank", "reconcile_bank"} <= done
