"""Where the invented firms and staff are told: phone numbers, mail addresses, postal addresses.

Guarantees that nobody can be reached by them: numbers are those that North America keeps for fiction (555-0100 to
555-0199 of an area), domains end in `.example` (RFC 2606), streets are in no town. A firm's addresses are the same on
every run. Some numbers and mailboxes say that they are dead, which only the rehearsal's providers can read.
"""

from collections.abc import Iterator, Sequence

from policy_match.notices.model import Channel
from policy_match.services.contacts import StatedContact
from policy_match.services.sample_region.accounts import chance
from policy_match.services.sample_region.credit_codes import number_of
from policy_match.values import Uscc

AREAS = (
    "201202203205206207208209210212213214215216217218219220223224225227228229231234235239240248251252253254256260262"
    "267269270272274276279281283301302303304305307308309310312313314315316317318319320321323324325326327329330331332"
    "334336337339341346347350351352353360361363364369380385386401402404405406407408409410412413414415417419423424425"
    "430432434435440442443445447448458463464469470472475478479480484501502503504505507508509510512513515516517518520"
    "530531534539540541551557559561562563564567570571572573574575580582585586601602603605606607608609610612614615616"
    "617618619620623626628629630631636640641645646"
)
"""Area codes of the United States, three digits each; each has a hundred numbers for fiction."""

LINES = 100
DEAD_LINE = "13"
"""Numbers with these last digits are out of service."""

GONE = "gone."
"""How the address of a mailbox begins that is no more."""

WITHOUT_ANY, POSTAL_ONLY, WITHOUT_PHONE = 0.01, 0.01, 0.015
"""Of all firms: those of which nobody knows where to tell them, those with a postal address, with a mailbox alone."""

GONE_SHARE, WITH_POSTAL_SHARE = 0.1, 0.1
"""Mailboxes that are gone; firms with a phone or mailbox whose postal address is known too."""

REGISTRY, STAFF_LIST = "市场监管局（样例）", "通讯录（样例）"


def contacts_of(uscc: Uscc) -> Sequence[tuple[Channel, str]]:
    """Return where a firm is told, in the order of the channels; a firm of no office's knowledge nowhere."""
    drawn = chance("contacts", uscc)
    if drawn < WITHOUT_ANY:
        return ()
    postal_only = drawn < WITHOUT_ANY + POSTAL_ONLY
    found: list[tuple[Channel, str]] = []
    if not postal_only:
        if drawn >= WITHOUT_ANY + POSTAL_ONLY + WITHOUT_PHONE:
            found.append((Channel.SMS, _phone(number_of(uscc))))
        gone = chance("mailbox", uscc) < GONE_SHARE
        found.append((Channel.EMAIL, f"{GONE if gone else ''}{uscc.lower()}@firm.example"))
    if postal_only or chance("postal", uscc) < WITH_POSTAL_SHARE:
        found.append((Channel.LETTER, f"虚构市云屿区演练路 {number_of(uscc) + 1} 号"))
    return found


def stated_contacts(firms: Sequence[Uscc]) -> Iterator[StatedContact]:
    """Yield a row for every address of some firms, as the registry would hand them over."""
    for row, uscc in enumerate(firms, 1):
        for channel, address in contacts_of(uscc):
            yield StatedContact(row=row, recipient=uscc, channel=channel.value, address=address, source=REGISTRY)


def staff_contacts(people: Sequence[str]) -> Iterator[StatedContact]:
    """Yield the mail address of each member of staff."""
    for row, person in enumerate(people, 1):
        address = f"{person}@staff.example"
        yield StatedContact(row=row, recipient=person, channel=Channel.EMAIL.value, address=address, source=STAFF_LIST)


def is_dead(address: str) -> bool:
    """Return whether an invented phone number or mail address says that nobody gets what is sent to it."""
    return address.startswith(GONE) or (address.startswith("+") and address.endswith(DEAD_LINE))


def _phone(number: int) -> str:
    """Return the number of a firm; from the twenty thousand and first firm on they are used again."""
    place, line = divmod(number % (LINES * len(AREAS) // 3), LINES)
    return f"+1{AREAS[3 * place : 3 * place + 3]}55501{line:02d}"
