"""`policy-match notices show`: the whole story of one notice."""

from typing import Any

import click

from policy_match.cli.cells import headings, iso, joined, listed, moment
from policy_match.cli.notice_options import reason_words
from policy_match.cli.options import NUMBER, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.notices.history import DeliveryStory, NoticeStory
from policy_match.notices.model import NoticeId
from policy_match.notices.words import (
    CHANNEL_WORDS,
    DELIVERY_EVENT_WORDS,
    DELIVERY_STATUS_WORDS,
    EVENT_WORDS,
    KIND_WORDS,
    STATUS_WORDS,
)
from policy_match.services.notice_history import show_notice


@click.command()
@click.argument("notice", type=NUMBER)
@screen_options
def show(notice: int, screen: Screen) -> None:
    """一项通知的全过程：原文、步骤、各次发送与回执 / one notice: its words, steps, deliveries and receipts.

    \b
    Addresses are shown masked.

    \b
      policy-match notices show 12
      policy-match notices show 12 --json
    """
    found = show_notice(current_session().application.database, NoticeId(notice))
    if screen.json:
        screen.result(_story_json(found))
        return
    _print_story(screen, found)


def _print_story(screen: Screen, found: NoticeStory) -> None:
    line = found.line
    whom = line.recipient
    if line.case_id is not None:
        whom += screen.say(f" · 事项 {line.case_id}", f" · case {line.case_id}")
    screen.print(
        f"通知 {line.notice_id}：{KIND_WORDS[line.kind].zh} · {whom} · {STATUS_WORDS[line.status].zh}",
        f"notice {line.notice_id}: {line.kind} · {whom} · {line.status}",
    )
    if found.text is not None:
        text = found.text
        screen.print(f"\n标题：{text.subject}\n\n{text.body}\n", f"\nsubject: {text.subject}\n\n{text.body}\n")
        screen.print(f"短信：{text.short}\n", f"short: {text.short}\n")
    columns = headings(
        screen,
        ("步骤", "step", "left"),
        ("到", "to", "left"),
        ("时间", "at", "left"),
        ("经办", "by", "left"),
        ("说明", "reason", "left"),
    )
    rows = [
        [
            screen.say(EVENT_WORDS[event.event].zh, event.event),
            screen.say(STATUS_WORDS[event.after].zh, event.after),
            moment(event.at),
            event.by,
            reason_words(screen, event.reason),
        ]
        for event in found.events
    ]
    listed(screen, ("步骤", "Steps"), columns, rows)
    _print_deliveries(screen, found.deliveries)


def _print_deliveries(screen: Screen, deliveries: tuple[DeliveryStory, ...]) -> None:
    columns = headings(
        screen,
        ("发送", "delivery", "right"),
        ("渠道", "channel", "left"),
        ("服务商", "provider", "left"),
        ("地址", "address", "left"),
        ("状态", "status", "left"),
        ("次数", "tries", "right"),
        ("重发", "repeats", "right"),
        ("步骤", "steps", "left"),
        ("回执", "receipts", "left"),
    )
    rows = [
        [
            str(each.delivery_id),
            screen.say(CHANNEL_WORDS[each.channel].zh, each.channel),
            each.provider,
            each.masked,
            screen.say(DELIVERY_STATUS_WORDS[each.status].zh, each.status),
            str(each.tries),
            str(each.repeats),
            joined(
                [
                    f"{screen.say(DELIVERY_EVENT_WORDS[event.event].zh, event.event)} {moment(event.at)}"
                    + (f" {event.code}" if event.code else "")
                    for event in each.events
                ]
            ),
            joined([f"{receipt.kind} {receipt.verdict} {moment(receipt.at)}" for receipt in each.receipts]),
        ]
        for each in deliveries
    ]
    listed(screen, ("发送", "Deliveries"), columns, rows)


def _story_json(found: NoticeStory) -> dict[str, Any]:
    line, text = found.line, found.text
    return {
        "notice": line.notice_id,
        "recipient": line.recipient,
        "kind": line.kind.value,
        "case": line.case_id,
        "step": found.step,
        "policy_id": line.policy_id,
        "about": line.about,
        "fields": found.fields,
        "status": line.status.value,
        "at": line.at.isoformat(),
        "since": line.since.isoformat(),
        "text": None
        if text is None
        else {
            "language": text.language,
            "subject": text.subject,
            "body": text.body,
            "short": text.short,
            "template": text.template,
            "at": text.at.isoformat(),
        },
        "events": [
            {
                "seq": event.seq,
                "event": event.event.value,
                "before": event.before.value,
                "after": event.after.value,
                "at": event.at.isoformat(),
                "by": event.by,
                "reason": event.reason,
            }
            for event in found.events
        ],
        "deliveries": [_delivery_json(each) for each in found.deliveries],
    }


def _delivery_json(each: DeliveryStory) -> dict[str, Any]:
    return {
        "delivery": each.delivery_id,
        "number": each.number,
        "channel": each.channel.value,
        "provider": each.provider,
        "address": each.masked,
        "status": each.status.value,
        "tries": each.tries,
        "repeats": each.repeats,
        "due_at": iso(each.due_at),
        "at": each.at.isoformat(),
        "events": [
            {
                "seq": event.seq,
                "event": event.event.value,
                "after": event.after.value,
                "due_at": iso(event.due_at),
                "code": event.code,
                "detail": event.detail,
                "reference": event.reference,
                "at": event.at.isoformat(),
            }
            for event in each.events
        ],
        "receipts": [
            {
                "receipt": receipt.receipt_id,
                "kind": receipt.kind,
                "verdict": receipt.verdict,
                "at": receipt.at.isoformat(),
            }
            for receipt in each.receipts
        ],
    }
