"""Notices on their way: written, sent really to providers on this machine, and brought to the door where none is left.

Guarantees that what fails goes another way at once, that no firm is believed to know what did not arrive, and that the
messenger finds the same firms on every run; those that he does not find wait for somebody.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from policy_match.cases.approval import FIRM_PREFIX
from policy_match.notices.channel_choice import NoWay
from policy_match.notices.history import NoticeFilter, NoticeLine
from policy_match.notices.model import Channel, DeliveryEvent, NoticeId, NoticeStatus
from policy_match.services.hand_over_notices import hand_over
from policy_match.services.notice_history import MOST_LISTED, list_notices
from policy_match.services.notice_inbox import read_messages
from policy_match.services.plan_deliveries import Planner, plan_deliveries
from policy_match.services.prepare_notices import prepare_notices
from policy_match.services.rehearsal.stage import Said, Staff, Stage, Told
from policy_match.services.sample_region.accounts import chance
from policy_match.services.send_notices import send_notices
from policy_match.services.take_receipts import fetch_receipts
from policy_match.values import Uscc

MOST_ROUNDS = 5
"""One for each channel that a firm may have, and one that finds nothing left."""

MAX_PAGES = 1_000

AT_THE_DOOR, IN_THE_PORTAL = 0.5, 0.2
"""Of the firms that nothing reaches: the messenger finds them, or they look into the portal by themselves."""

BY_HAND = "上门送达（演练）/ handed over at the door (rehearsal)"


def tell(stage: Stage) -> Iterator[Told]:
    """Write every notice that is due and send it, through the next channel where one fails, until no way is left."""
    prepare_notices(stage.database, stage.wording, clock=stage.clock)
    channels, rules = stage.post.channels, stage.delivery_rules
    planner = Planner(channels, rules)
    handed, none_left, went_on = Counter[Channel](), Counter[NoWay](), 0
    for number in range(MOST_ROUNDS):
        planned = plan_deliveries(stage.database, planner, stage.clock)
        none_left.update(planned.none_left)
        went_on += sum(planned.ways.values()) if number else 0
        runs = send_notices(stage.database, channels, stage.address_opener, rules, stage.clock)
        for channel, run in zip(channels, runs, strict=True):
            handed[channel.channel] += run.events.get(DeliveryEvent.HAND_OVER, 0)
        fetch_receipts(stage.database, channels, stage.sealer, stage.clock)
        if not planned.ways:
            break
    stage.firms.listen(stage.clock.day)
    if handed.total():
        texts, mails, letters = (handed[channel] for channel in (Channel.SMS, Channel.EMAIL, Channel.LETTER))
        yield stage.tell(Said.MESSAGES, texts=texts, mails=mails, letters=letters)
    if went_on:
        yield stage.tell(Said.WENT_ON, messages=went_on)
    for reason, notices in none_left.items():
        yield stage.tell(Said.NO_WAY, notices=notices, reason=reason)


def tell_and_visit(stage: Stage) -> Iterator[Told]:
    """Send what is due, and the messenger to the firms that nothing reached."""
    yield from tell(stage)
    yield from visit(stage)


def visit(stage: Stage) -> Iterator[Told]:
    """Send the messenger to the firms that nothing reached; he finds some, and some look into the portal."""
    for page in _unreached(stage):
        drawn = {line: chance("door", Uscc(line.recipient.removeprefix(FIRM_PREFIX))) for line in page}
        at_door = [line for line in page if drawn[line] < AT_THE_DOOR]
        in_portal = [line for line in page if AT_THE_DOOR <= drawn[line] < AT_THE_DOOR + IN_THE_PORTAL]
        if at_door:
            numbers = [line.notice_id for line in at_door]
            done = hand_over(stage.database, stage.clock, notices=numbers, by=Staff.MESSENGER, reason=BY_HAND)
            yield stage.tell(Said.VISITED, notices=done.reached)
        for line in in_portal:
            read_messages(stage.database, stage.clock, recipient=line.recipient, notices=[line.notice_id])
        if in_portal:
            yield stage.tell(Said.READ, notices=len(in_portal))
        for line in (*at_door, *in_portal):
            if line.case_id is not None:
                stage.firms.tell(line.case_id, stage.clock.day)


def _unreached(stage: Stage) -> Iterator[Sequence[NoticeLine]]:
    """Yield the notices to firms that reached nobody, page by page."""
    wanted, after = NoticeFilter(status=NoticeStatus.UNREACHED), NoticeId(0)
    for _ in range(MAX_PAGES):
        page = list_notices(stage.database, wanted, after=after, most=MOST_LISTED)
        yield [line for line in page if line.recipient.startswith(FIRM_PREFIX)]
        if len(page) < MOST_LISTED:
            return
        after = page[-1].notice_id
