"""`policy-match notices repair|providers|uncertain|settle`: what was lost, how providers do, what is in doubt."""

from collections.abc import Sequence
from typing import Any

import click

from policy_match.cli.cells import headings, iso, joined, listed, moment
from policy_match.cli.options import NUMBER, after_option, by_option, most_option, reason_option, screen_options
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.notices.deliveries import UncertainDelivery
from policy_match.notices.model import DeliveryStatus
from policy_match.notices.words import CHANNEL_WORDS, DELIVERY_STATUS_WORDS, KIND_WORDS
from policy_match.services.provider_health import ProviderStanding, provider_standings
from policy_match.services.repair_notices import FINDING_WORDS, repair_notices
from policy_match.services.settle_deliveries import Settlement, deliveries_in_doubt, settle_delivery


@click.command()
@screen_options
def repair(screen: Screen) -> None:
    """查找并修复可能丢失的通知 / look for every known way to lose a notice, and repair what may be.

    \b
    Nothing is sent from here. What somebody may be sending right now is left alone.

    \b
      policy-match notices repair
      policy-match notices repair --json
    """
    application = current_session().application
    with screen.progress("查找", "looking"):
        found = repair_notices(
            application.database,
            application.notification_channels,
            application.notice_settings.rules,
            application.clock,
        )
    if screen.json:
        screen.result(
            {
                "findings": [
                    {
                        "kind": each.kind.value,
                        "provider": each.provider or None,
                        "found": each.found,
                        "repaired": each.repaired,
                    }
                    for each in found.findings
                ],
                "possible_duplicates": dict(found.possible_duplicates),
            }
        )
        return
    columns = headings(
        screen,
        ("情形", "what", "left"),
        ("服务商", "provider", "left"),
        ("发现", "found", "right"),
        ("修复", "repaired", "right"),
    )
    rows = [
        [screen.say(*FINDING_WORDS[each.kind]), each.provider, f"{each.found:,}", f"{each.repaired:,}"]
        for each in found.findings
        if each.found
    ]
    listed(screen, ("查找结果", "Found"), columns, rows)
    for provider, count in found.possible_duplicates.items():
        screen.print(
            f"{provider}：累计 {count:,} 条可能重复（曾在结果不明后重发）",
            f"{provider}: {count:,} messages since the beginning may have arrived twice",
        )


@click.command()
@screen_options
def providers(screen: Screen) -> None:
    """各服务商的状态 / how each provider stands.

    \b
    Providers with deliveries that are in the settings no more are listed too.

    \b
      policy-match notices providers
      policy-match notices providers --json
    """
    application = current_session().application
    found = provider_standings(application.database, application.notification_channels, application.clock)
    if screen.json:
        screen.result([_standing_json(each) for each in found])
        return
    columns = headings(
        screen,
        ("服务商", "provider", "left"),
        ("渠道", "channel", "left"),
        ("不重发", "never twice", "left"),
        ("有回执", "receipts", "left"),
        ("投递", "deliveries", "left"),
        ("曾重发", "sent again", "right"),
        ("降级至", "demoted until", "left"),
        ("最近", "last", "left"),
    )
    rows = [
        [
            each.name,
            screen.say("（不在设置中）", "(not in the settings)")
            if each.channel is None
            else screen.say(*CHANNEL_WORDS[each.channel]),
            _yes(screen, each.promises_once),
            _yes(screen, each.gives_receipts),
            joined(
                [
                    f"{screen.say(DELIVERY_STATUS_WORDS[status].zh, status)} {count:,}"
                    for status, count in each.deliveries.items()
                ]
            ),
            f"{each.repeats:,}",
            moment(None if each.demoted is None else each.demoted.until),
            moment(each.last_moved),
        ]
        for each in found
    ]
    listed(screen, ("服务商", "Providers"), columns, rows)


@click.command()
@after_option
@most_option
@screen_options
def uncertain(after: int, most: int, screen: Screen) -> None:
    """不知是否送达的消息 / messages of which nobody knows whether they arrived.

    \b
    `unknown`: the reply was lost twice; it is not sent again, nor another way, until a person says so.
    `unconfirmed`: the provider took it, and no receipt came in time.

    \b
      policy-match notices uncertain
      policy-match notices uncertain --most 500 --json
    """
    found = deliveries_in_doubt(current_session().application.database, after=after, most=most)
    if screen.json:
        screen.result([_uncertain_json(each) for each in found])
        return
    columns = headings(
        screen,
        ("投递", "delivery", "right"),
        ("通知", "notice", "right"),
        ("收件人", "recipient", "left"),
        ("种类", "kind", "left"),
        ("渠道", "channel", "left"),
        ("服务商", "provider", "left"),
        ("地址", "address", "left"),
        ("状态", "status", "left"),
        ("发送次数", "tries", "right"),
        ("自", "since", "left"),
    )
    rows = [
        [
            str(each.delivery_id),
            str(each.notice_id),
            each.recipient,
            screen.say(KIND_WORDS[each.kind].zh, each.kind),
            screen.say(*CHANNEL_WORDS[each.channel]),
            each.provider,
            each.masked,
            screen.say(DELIVERY_STATUS_WORDS[each.status].zh, each.status),
            str(each.tries),
            moment(each.since),
        ]
        for each in found
    ]
    listed(screen, ("待人工认定", "In doubt"), columns, rows)
    if len(found) == most:
        screen.print(f"后续：--after {found[-1].delivery_id}", f"go on with --after {found[-1].delivery_id}")


@click.command()
@click.argument("delivery", type=NUMBER)
@click.option("--arrived/--not-arrived", "arrived", required=True, help="已送达 / 未送达 · whether it arrived")
@reason_option
@by_option
@screen_options
def settle(delivery: int, arrived: bool, reason: str, by: str, screen: Screen) -> None:
    """认定一条消息是否送达 / say whether a message in doubt arrived.

    \b
    What did not arrive goes another way, if the notice reached nobody. A receipt that comes later is kept all the same.

    \b
      policy-match notices settle 41 --arrived --reason "企业来电已收到" --by wang.fang
      policy-match notices settle 41 --not-arrived --reason "电话核实未收到" --by wang.fang
    """
    application = current_session().application
    settlement = Settlement.ARRIVED if arrived else Settlement.NOT_ARRIVED
    settle_delivery(
        application.database, application.clock, delivery_id=delivery, settlement=settlement, by=by, reason=reason
    )
    if screen.json:
        screen.result({"delivery": delivery, "settlement": settlement.value})
    elif arrived:
        screen.print(f"投递 {delivery} 认定为已送达", f"delivery {delivery} arrived")
    else:
        screen.print(
            f"投递 {delivery} 认定为未送达，将改由其他途径发送",
            f"delivery {delivery} did not arrive; its notice goes another way",
        )


def _yes(screen: Screen, holds: bool) -> str:
    return screen.say("是", "yes") if holds else screen.say("否", "no")


def _standing_json(each: ProviderStanding) -> dict[str, Any]:
    return {
        "provider": each.name,
        "channel": None if each.channel is None else each.channel.value,
        "promises_once": each.promises_once,
        "gives_receipts": each.gives_receipts,
        "demoted_until": iso(None if each.demoted is None else each.demoted.until),
        "deliveries": {status.value: each.deliveries.get(status, 0) for status in DeliveryStatus},
        "sent_again": each.repeats,
        "first_due": iso(each.first_due),
        "last_moved": iso(each.last_moved),
    }


def _uncertain_json(each: UncertainDelivery) -> dict[str, Any]:
    return {
        "delivery": each.delivery_id,
        "notice": each.notice_id,
        "recipient": each.recipient,
        "kind": each.kind.value,
        "case": each.case_id,
        "channel": each.channel.value,
        "provider": each.provider,
        "address": each.masked,
        "status": each.status.value,
        "tries": each.tries,
        "sent_again": each.repeats,
        "since": each.since.isoformat(),
    }


COMMANDS: Sequence[click.Command] = (repair, providers, uncertain, settle)
