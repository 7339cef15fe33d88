"""A small invented region, worked by commands alone, with a clock that tests move and a bank that answers by files.

Guarantees nothing of its own: every step is what a person would type. Nothing here is a real firm, account or bank.
"""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from connectors.payment_channels.rehearsal_files import (
    Answer,
    Movement,
    ReceivedBatch,
    ReceivedPayment,
    read_outgoing,
    statement,
    status_report,
)
from policy_match.cases.working_days import china_day
from policy_match.payments.messages import OutgoingFile
from policy_match.storage.unit_of_work import Database
from policy_match.values import Uscc
from tests.support.cases import MovableClock, PolicyText, chosen, uscc, write_policies
from tests.support.told import tell

AS_OF = date(2025, 6, 30)
PAYER_ACCOUNT = "9900000000000000"
BANK_CODE = "102452000017"
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

SETTINGS = f"""
channel = "iso20022"
outbox = "outbox"
cut_off = "12-20"
[settings]
payer_name = "虚构市财政局"
payer_account = "{PAYER_ACCOUNT}"
payer_bank = "{BANK_CODE}"
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str


Command = Callable[..., Ended]


def account_number(number: int, version: int = 1) -> str:
    """Return the invented account of a firm; a corrected one has a higher version."""
    return f"7{version:03d}{number:012d}"


def holder(number: int) -> str:
    """Return the registered name of a firm."""
    return f"示例{number}有限公司"


@dataclass
class Region:
    """Types commands. `command` runs one; the others expect success."""

    folder: Path
    clock: MovableClock
    command: Command
    database_url: str = field(repr=False)
    files: int = 0
    balance_fen: int = field(default=OPENING_FEN)

    def __call__(self, *arguments: object) -> str:
        """Run a command that succeeds and return its output."""
        ended = self.command(*arguments)
        assert ended.code == 0, ended.err
        return ended.out

    def json(self, *arguments: object) -> Any:
        """Run a command that succeeds and return its machine output."""
        return json.loads(self(*arguments, "--json"))

    def refused(self, *arguments: object, code: int = 2) -> str:
        """Run a command that fails with one line in each language; return the code of its error."""
        ended = self.command(*arguments, "--json")
        assert ended.code == code, (ended.code, ended.out, ended.err)
        error = json.loads(ended.err)["error"]
        for language in ("zh", "en"):
            told = self.command(*arguments, "--lang", language)
            assert told.code == code
            assert len(told.err.splitlines()) == 1, told.err
        return str(error["code"])

    def tell(self, *cases: int) -> int:
        """Hand over the notices that reached nobody yet, of these cases or of all; return how many."""
        with Database(self.database_url) as database:
            return tell(database, self.clock.now(), cases=set(cases) or None)

    @property
    def day(self) -> date:
        """The day in China."""
        return china_day(self.clock.now())

    def write_payment_settings(self, text: str = SETTINGS) -> Path:
        """Write the payment settings and return their file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "payments.toml"
        path.write_text(text, encoding="utf-8")
        return path

    def write_rules(self, *names: str, **policies: PolicyText) -> Path:
        """Write the named policies of `tests.support.cases`, and others."""
        write_policies(self.folder / "rules", chosen(*names, **policies))
        return self.folder / "rules"

    def sweep(self, numbers: Sequence[int], facts: Mapping[int, Mapping[str, object]] | None = None) -> str:
        """Import these firms, and one that fits no policy, and keep a sweep of them; return its id."""
        rows = [self.row(number, (facts or {}).get(number, {})) for number in numbers]
        rows.append({"uscc": "91370000MB00000000", "企业名称": "局外有限公司", "参保人数": 0, "缴费": 0, "留存": 0})
        table = self.write_table("firms.csv", rows)
        mapping = self.folder / "firms.toml"
        mapping.write_text(MAPPING, encoding="utf-8")
        rules = ("--rules", self.folder / "rules", "--as-of", AS_OF)
        snapshot = self.json("import", "--source", f"{mapping}={table}", *rules)["snapshot"]
        return str(self.json("sweeps", "run", "--snapshot", snapshot, *rules)["sweep"])

    def row(self, number: int, facts: Mapping[str, object] | None = None) -> Mapping[str, object]:
        """Return what the registry says of a firm."""
        row = {"uscc": uscc(number), "企业名称": holder(number), "参保人数": 10, "缴费": 1999 + number, "留存": 5000}
        return {**row, **(facts or {})}

    def write_table(self, name: str, rows: Sequence[Mapping[str, object]], encoding: str = "utf-8") -> Path:
        """Write rows as CSV."""
        path = self.folder / name
        with path.open("w", encoding=encoding, newline="") as sink:
            writer = csv.DictWriter(sink, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    def state_accounts(self, *numbers: int, version: int = 1) -> None:
        """Take an account of each firm, as the firms state them."""
        rows = [
            {
                "uscc": uscc(number),
                "holder": holder(number),
                "number": account_number(number, version),
                "bank_code": BANK_CODE,
            }
            for number in numbers
        ]
        table = self.write_table("accounts.csv", rows)
        assert self.json("payments", "accounts", table, "--source", "firm", "--by", "clerk")["refused"] == 0

    def cases(self, **wanted: str) -> dict[tuple[str, Uscc], Any]:
        """Return the cases by policy and firm; of several instalments the last."""
        options = [word for name, value in wanted.items() for word in (f"--{name}", value)]
        return {(each["policy_id"], each["uscc"]): each for each in self.json("cases", "list", *options)}

    def statuses(self) -> dict[str, int]:
        """Return how many cases there are of each status."""
        found: dict[str, int] = {}
        for each in self.json("cases", "list", "--counts"):
            found[each["status"]] = found.get(each["status"], 0) + each["cases"]
        return found

    def fund(self, fund: str, yuan: int, year: int = 2025) -> None:
        """Add a budget line with money."""
        self("budget", "line", fund, year, "--label", "示例资金", "--by", "treasury")
        self("budget", "appropriate", f"{fund}-{year}", yuan, "--by", "treasury")

    def grant_roles(self) -> None:
        """Give two people the roles that the policies ask for."""
        self("approvals", "grant", "li.ming", "reviewer", "--by", "admin")
        self("approvals", "grant", "zhao.lei", "approver", "--by", "admin")

    def approve(self, policy: str) -> list[int]:
        """Make the lists of a policy and sign both stages; return their numbers."""
        made = [each["list"] for each in self.json("approvals", "make", policy, "--by", "clerk")["lists"]]
        for number in made:
            self("approvals", "approve", number, "--by", "li.ming")
            assert self.json("approvals", "approve", number, "--by", "zhao.lei")["complete"]
        return made

    def approved(self, *numbers: int, policy: str = "direct", yuan: int = 100_000) -> None:
        """Bring the cases of a direct policy for these firms to where a payment can be ordered."""
        self.write_rules(policy)
        self.sweep(numbers)
        self("cases", "open")
        self("cases", "recheck", "approval")
        self.fund("jobs", yuan)
        self("budget", "allocate", policy, "--by", "treasury")
        self.grant_roles()
        self.approve(policy)
        self("cases", "recheck", "payment")
        self.state_accounts(*numbers)

    def sent(self, *numbers: int) -> ReceivedBatch:
        """Bring cases to the bank and return the batch that it received."""
        self.approved(*numbers)
        self("payments", "order", "--by", "clerk")
        self("payments", "send", "--by", "clerk")
        return self.received()[-1]

    def received(self) -> list[ReceivedBatch]:
        """Return every batch in the outbox, by name."""
        return [
            read_outgoing(OutgoingFile(name=path.name, content=path.read_bytes(), count=0, total_fen=0))
            for path in sorted((self.folder / "outbox").iterdir())
        ]

    def bank_file(self, content: bytes, name: str = "") -> Path:
        """Write a file of the bank."""
        self.files += 1
        path = self.folder / (name or f"bank-{self.files}.xml")
        path.write_bytes(content)
        return path

    def status_report(self, batch: ReceivedBatch, code: str, *payments: ReceivedPayment) -> Path:
        """Write the bank's status report on some payments of a batch."""
        self.files += 1
        answers = [Answer(attempt_id=each.attempt_id, amount_fen=each.amount_fen, code=code) for each in payments]
        return self.bank_file(status_report(f"RPT-{self.files}", self.clock.now(), batch.message_id, answers))

    def statement(self, *movements: Movement) -> Path:
        """Write the bank's statement of today; statements follow each other."""
        self.files += 1
        content = statement(
            f"STMT-{self.files}", self.clock.now(), PAYER_ACCOUNT, (self.day, self.day), self.balance_fen, movements
        )
        self.balance_fen += sum(each.amount_fen if each.credit else -each.amount_fen for each in movements)
        return self.bank_file(content)

    def booking(self, payment: ReceivedPayment, *, fen: int | None = None) -> Movement:
        """Return the movement that pays."""
        return Movement(
            line_ref=f"B{payment.attempt_id[2:20]}",
            attempt_id=payment.attempt_id,
            amount_fen=payment.amount_fen if fen is None else fen,
            credit=False,
            booked_on=self.day,
        )

    def returning(self, payment: ReceivedPayment, reason: str = "AC04") -> Movement:
        """Return the movement that gives back."""
        return Movement(
            line_ref=f"R{payment.attempt_id[2:20]}",
            attempt_id=payment.attempt_id,
            amount_fen=payment.amount_fen,
            credit=True,
            booked_on=self.day,
            reason_code=reason,
        )

    def incoming(self, fen: int, ref: str) -> Movement:
        """Return money that came in by itself."""
        return Movement(line_ref=ref, attempt_id=None, amount_fen=fen, credit=True, booked_on=self.day, text="退款")
