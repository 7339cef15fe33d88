"""Takes the addresses at which firms and staff are told, and lists them: sealed before they are kept, shown masked.

Guarantees that every row is kept, known already, or refused with its reason, that no address is in a report, and that
who is told nothing for want of an address gets another try as soon as there is one.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from policy_match.errors import InputError
from policy_match.notices.addresses import CHANNELS_WITH_ADDRESS, Address, parse_address
from policy_match.notices.contacts import ContactLine, NewContact, NoSuchRecipient, is_firm, recipient_of
from policy_match.notices.model import FIRM_PREFIX, Channel, NoticeEvent
from policy_match.notices.sealing import AddressSealer
from policy_match.ports import Clock, Database, Progress, RegistrySource, UnitOfWork
from policy_match.values import Uscc

PAGE = 10_000
"""How many rows are kept in one transaction."""

MOST_REFUSALS = 100_000
"""How many refused rows are remembered with their reason; more are only counted."""

MOST_LISTED = 10_000
MOST_LETTERS = 100

HEADINGS: Mapping[str, Sequence[str]] = {
    "recipient": ("recipient", "收件人", "统一社会信用代码", "信用代码", "uscc"),
    "channel": ("channel", "渠道", "方式"),
    "address": ("address", "地址", "联系方式", "号码"),
    "source": ("source", "来源", "数据来源"),
}
"""What each column may be called; the first is how messages call it."""

CHANNEL_NAMES: Mapping[str, Channel] = {
    **{channel.value: channel for channel in CHANNELS_WITH_ADDRESS},
    "邮箱": Channel.EMAIL,
    "电子邮箱": Channel.EMAIL,
    "电子邮件": Channel.EMAIL,
    "手机": Channel.SMS,
    "手机号": Channel.SMS,
    "短信": Channel.SMS,
    "企业微信": Channel.WECHAT_WORK,
    "钉钉": Channel.DINGTALK,
    "信函": Channel.LETTER,
    "通信地址": Channel.LETTER,
}
"""What a channel may be called in a file."""

NEW_ADDRESS = "有新的联系方式 / there is a new address"


class ContactColumnMissing(InputError):
    """The table lacks a column."""

    code = "contacts.column"
    english = "{file}: no column is called {wanted}; the columns are {found}"
    chinese = "{file}：缺少列“{wanted_zh}”；现有列：{found}"


class WrongContact(InputError):
    """A row of a contact file that cannot be used."""

    code = "contacts.row"
    english = "{problem}; correct the row"
    chinese = "{problem_zh}；请更正该行"


@dataclass(frozen=True, kw_only=True, slots=True)
class StatedContact:
    """One row as it was given, all text."""

    row: int
    recipient: str
    channel: str
    address: str = field(repr=False)
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedContact:
    """A row that was not kept, and why. The address is not repeated."""

    row: int
    recipient: str
    channel: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactsTaken:
    """What became of the rows. `known`: the address is the latest already. `without_case`: kept for firms without one.

    `reopened` notices had no way left and get another try. `refusals` are in the order of the rows, the first of them.
    """

    kept: int
    known: int
    refused: int
    without_case: int
    reopened: int
    refusals: Sequence[RefusedContact]


@dataclass(slots=True)
class _Counts:
    kept: int = 0
    known: int = 0
    refused: int = 0
    without_case: int = 0
    reopened: int = 0
    refusals: list[RefusedContact] = field(default_factory=list)

    def refuse(self, refusal: RefusedContact) -> None:
        self.refused += 1
        if len(self.refusals) < MOST_REFUSALS:
            self.refusals.append(refusal)


def take_contact_file(
    file: RegistrySource,
    database: Database,
    sealer: AddressSealer,
    clock: Clock,
    *,
    by: str,
    source: str = "",
    progress: Progress | None = None,
) -> ContactsTaken:
    """Take every row of a table that can be taken; `source` says who gave rows that do not say so themselves.

    Raises `ContactColumnMissing` before any write, or what reading the file raises: the pages taken until then stay.
    """
    columns = _columns(file, source)
    counts = _Counts()
    _take(_rows(file, columns, source, counts, progress), database, sealer, clock, by, counts)
    return _taken(counts)


def take_contacts(
    rows: Iterable[StatedContact], database: Database, sealer: AddressSealer, clock: Clock, *, by: str
) -> ContactsTaken:
    """Keep every good row, page by page; a page is there whole or not at all."""
    counts = _Counts()
    _take(rows, database, sealer, clock, by, counts)
    return _taken(counts)


def list_contacts(
    database: Database,
    *,
    recipient: str | None = None,
    channel: Channel | None = None,
    older: bool = False,
    after: int = 0,
    most: int = 100,
) -> Sequence[ContactLine]:
    """Return a page of contacts, masked, by number; those that count, or with `older` those that were replaced too.

    Raises `NoSuchRecipient`.
    """
    assert 0 < most <= MOST_LISTED, f"a page has 1 to {MOST_LISTED} contacts"
    named = None if recipient is None else recipient_of(recipient)
    with database.unit_of_work() as work:
        return work.contacts.lines(recipient=named, channel=channel, older=older, after=after, most=most)


def known_recipient(work: UnitOfWork, text: str) -> str:
    """Return a recipient; a member of staff must hold or have held a role. Raises `NoSuchRecipient`."""
    recipient = recipient_of(text)
    if not is_firm(recipient) and recipient not in work.contacts.staff_among([recipient]):
        raise NoSuchRecipient(recipient=recipient)
    return recipient


def _taken(counts: _Counts) -> ContactsTaken:
    return ContactsTaken(
        kept=counts.kept,
        known=counts.known,
        refused=counts.refused,
        without_case=counts.without_case,
        reopened=counts.reopened,
        refusals=sorted(counts.refusals, key=lambda each: each.row),
    )


def _columns(file: RegistrySource, source: str) -> Mapping[str, str]:
    """Return the table's own name of each column that it has."""
    found = file.columns()
    columns = {ours: name for ours, names in HEADINGS.items() for name in found if name.strip().casefold() in names}
    for ours, names in HEADINGS.items():
        if ours not in columns and not (ours == "source" and source):
            raise ContactColumnMissing(file=file.name, wanted=ours, wanted_zh=names[1], found=", ".join(found[:20]))
    return columns


def _rows(
    file: RegistrySource, columns: Mapping[str, str], source: str, counts: _Counts, progress: Progress | None
) -> Iterator[StatedContact]:
    done = 0
    for chunk in file.chunks(PAGE):
        width = len(chunk.rows.schema)
        for row in chunk.broken:
            counts.refuse(_broken(row.number, len(row.cells), width))
        cells = {ours: chunk.rows[name].to_pylist() for ours, name in columns.items()}
        for place, number in enumerate(chunk.numbers.to_pylist()):
            given = {ours: (column[place] or "").strip() for ours, column in cells.items()}
            if any(given.values()):
                yield StatedContact(
                    row=number,
                    recipient=given["recipient"].lstrip("'"),
                    channel=unicodedata.normalize("NFKC", given["channel"]).casefold(),
                    address=given["address"].lstrip("'"),
                    source=given.get("source", "") or source,
                )
        done += chunk.rows.num_rows
        if progress is not None:
            progress(done, max(file.expected_rows(), done))


def _broken(number: int, cells: int, width: int) -> RefusedContact:
    return RefusedContact(
        row=number,
        recipient="",
        channel="",
        reason_zh=f"该行有 {cells} 列，表头有 {width} 列",
        reason_en=f"the row has {cells} cells, the header {width}",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Checked:
    row: StatedContact
    recipient: str
    address: Address = field(repr=False)

    @property
    def key(self) -> tuple[str, Channel, str]:
        return self.recipient, self.address.channel, self.row.source


def _take(
    rows: Iterable[StatedContact], database: Database, sealer: AddressSealer, clock: Clock, by: str, counts: _Counts
) -> None:
    source = iter(rows)
    while page := list(islice(source, PAGE)):
        checked: list[_Checked] = []
        for row in page:
            try:
                checked.append(_check(row))
            except InputError as error:
                counts.refuse(_refusal(row, error))
        with database.unit_of_work() as work:
            _keep(work, _of_known_staff(work, checked, counts), sealer, clock, by, counts)
            work.commit()


def _check(row: StatedContact) -> _Checked:
    """Return a row whose parts are what they should be. Raises `NoSuchRecipient`, `WrongContact` or `WrongAddress`."""
    recipient = recipient_of(row.recipient)
    channel = CHANNEL_NAMES.get(row.channel)
    if channel is None:
        known = ", ".join(each.value for each in CHANNELS_WITH_ADDRESS)
        raise WrongContact(problem=f"the channel must be one of {known}", problem_zh=f"渠道应为 {known} 之一")
    if not 0 < len(row.source) <= MOST_LETTERS:
        raise WrongContact(
            problem="the source, who gave the address, is missing or too long", problem_zh="来源（由谁提供）缺失或过长"
        )
    return _Checked(row=row, recipient=recipient, address=parse_address(channel, row.address))


def _refusal(row: StatedContact, error: InputError) -> RefusedContact:
    """Return why a row is refused. What is no firm's code is not repeated: it may be an address in a wrong column."""
    if isinstance(error, NoSuchRecipient):
        error = NoSuchRecipient(recipient="…")
    return RefusedContact(
        row=row.row,
        recipient=_firm_named(row.recipient),
        channel=row.channel if row.channel in CHANNEL_NAMES else "",
        reason_zh=error.message("zh"),
        reason_en=error.message("en"),
    )


def _firm_named(text: str) -> str:
    try:
        recipient = recipient_of(text)
    except NoSuchRecipient:
        return ""
    return recipient if is_firm(recipient) else ""


def _of_known_staff(work: UnitOfWork, checked: Sequence[_Checked], counts: _Counts) -> list[_Checked]:
    """Return the rows of firms, and of staff that there are."""
    names = {each.recipient for each in checked if not is_firm(each.recipient)}
    known = work.contacts.staff_among(names) if names else frozenset[str]()
    kept = []
    for each in checked:
        if is_firm(each.recipient) or each.recipient in known:
            kept.append(each)
        else:
            counts.refuse(_refusal(each.row, NoSuchRecipient(recipient=each.recipient)))
    return kept


def _keep(
    work: UnitOfWork, page: Sequence[_Checked], sealer: AddressSealer, clock: Clock, by: str, counts: _Counts
) -> None:
    latest = dict(work.contacts.latest_fingerprints({each.recipient for each in page}))
    new: list[NewContact] = []
    renamed: list[tuple[str, str]] = []
    for each in page:
        now, *older = sealer.address_fingerprints(each.address)
        if latest.get(each.key) in (now, *older):
            counts.known += 1
            continue
        latest[each.key] = now
        renamed += [(old, now) for old in older]
        new.append(
            NewContact(
                recipient=each.recipient,
                channel=each.address.channel,
                address=sealer.seal_address(each.address, each.recipient),
                masked=each.address.masked,
                source=each.row.source,
            )
        )
    if not new:
        return
    at = clock.now()
    work.contacts.add(new, at, by)
    if renamed:
        work.contacts.carry_suppressions(renamed, at, by)
    recipients = {each.recipient for each in new}
    firms = {Uscc(each.removeprefix(FIRM_PREFIX)) for each in recipients if is_firm(each)}
    counts.without_case += len(firms - work.contacts.firms_with_cases(firms))
    counts.kept += len(new)
    unreached = work.contacts.unreached(recipients)
    still = sorted(set(unreached) - work.notices.overtaken(unreached))
    counts.reopened += len(work.notices.step(dict.fromkeys(still, NEW_ADDRESS), NoticeEvent.REOPEN, at, by))
