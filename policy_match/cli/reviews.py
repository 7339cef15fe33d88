"""`policy-match report reviews` and what belongs to it: signs, owners, answers, decisions, suggestions."""

from datetime import date
from typing import Any

import click

from policy_match.cases.decline_reasons import DECLINE_REASON_WORDS, DeclineReason
from policy_match.cli.cells import headings, listed, moment
from policy_match.cli.options import (
    NUMBER,
    Day,
    after_option,
    by_option,
    firm_by_option,
    most_option,
    policy_argument,
    policy_option,
    reason_option,
    screen_options,
)
from policy_match.cli.screen import Screen
from policy_match.cli.session import current_session
from policy_match.reports.model import Span
from policy_match.reports.reviews import OUTCOME_WORDS, SIGN_WORDS, Finding, Review, ReviewOutcome, Sign
from policy_match.services.policy_reviews import (
    answer_review,
    decide_review,
    list_suggestions,
    open_review,
    review_list,
)
from policy_match.services.policy_reviews import suggest as keep_suggestion
from policy_match.services.publish_report import year_span
from policy_match.values import PolicyId

from_option = click.option(
    "--from",
    "first",
    type=Day(),
    help="自该日起到期的事项，默认本年 1 月 1 日 / due from this day, by default 1 January",
)
to_option = click.option("--to", "last", type=Day(), help="至该日止，默认本年末 / to this day, by default 31 December")
text_option = click.option("--text", "text", required=True, metavar="TEXT", help="内容 / what is said")
review_argument = click.argument("review_id", metavar="REVIEW", type=NUMBER)


@click.command()
@from_option
@to_option
@screen_options
def reviews(first: date | None, last: date | None, screen: Screen) -> None:
    """需要评估的政策及原因 / which policies somebody should look at, and why.

    \b
    A policy is listed when many firms decline, an objection was right, many firms are not reached, many decisions are
    open (with the facts that are missing most often), or somebody suggested something; and until its review is decided.
    These lists are internal.

    \b
      policy-match report reviews
      policy-match report reviews --from 2025-01-01 --to 2025-12-31 --json
    """
    application = current_session().application
    lines = review_list(application.database, application.clock, _span(first, last))
    if screen.json:
        screen.result(
            [
                {
                    "policy": line.policy_id,
                    "findings": [_finding_json(each) for each in line.findings],
                    "review": None if line.review is None else _review_json(line.review),
                }
                for line in lines
            ]
        )
        return
    columns = headings(
        screen,
        ("政策", "policy", "left"),
        ("原因", "why", "left"),
        ("评估", "review", "left"),
        ("负责人", "owner", "left"),
        ("进展", "state", "left"),
    )
    rows = [
        [
            line.policy_id,
            "\n".join(_said(screen, each) for each in line.findings),
            "" if line.review is None else str(line.review.review_id),
            "" if line.review is None else line.review.owner,
            screen.say(*_state(line.review)),
        ]
        for line in lines
    ]
    listed(screen, ("政策评估", "Policies to look at"), columns, rows)


@click.command()
@policy_argument
@click.option("--owner", required=True, metavar="NAME", help="负责评估的人 / who is to look at it")
@from_option
@to_option
@by_option
@screen_options
def review(policy: PolicyId, owner: str, first: date | None, last: date | None, by: str, screen: Screen) -> None:
    """发起一项政策的评估，指定负责人 / begin the review of a policy: name who looks at it.

    \b
    The signs are kept as they are now. A policy has one review at a time.

    \b
      policy-match report review unemp-stable-post-refund --owner sun.li --by wang.fang
    """
    application = current_session().application
    found = open_review(application.database, application.clock, policy, _span(first, last), owner=owner.strip(), by=by)
    _show(screen, found)


@click.command()
@review_argument
@text_option
@by_option
@screen_options
def answer(review_id: int, text: str, by: str, screen: Screen) -> None:
    """负责人答复 / the owner says what is to be made of it.

    \b
      policy-match report answer 1 --text "额度偏低，建议提高" --by sun.li
    """
    application = current_session().application
    _show(screen, answer_review(application.database, application.clock, review_id, text, by=by))


@click.command()
@review_argument
@click.argument("outcome", type=click.Choice([outcome.value for outcome in ReviewOutcome]))
@reason_option
@by_option
@screen_options
def decide(review_id: int, outcome: str, reason: str, by: str, screen: Screen) -> None:
    """决定维持、修改或终止政策；由他人作出 / keep, change or end the policy; somebody else decides.

    \b
      policy-match report decide 1 change --reason "下一年度提高标准" --by zhao.lei
    """
    application = current_session().application
    found = decide_review(
        application.database, application.clock, review_id, ReviewOutcome(outcome), reason=reason, by=by
    )
    _show(screen, found)


@click.command()
@click.argument("policy", metavar="[POLICY]", required=False)
@click.option(
    "--subject", default="", metavar="TEXT", help="没有对应政策时，希望出台什么 / asked for, where there is none"
)
@click.option(
    "--department", default="", metavar="NAME", help="认为由谁负责，可不填 / thought responsible; may be left out"
)
@text_option
@firm_by_option
@screen_options
def suggest(policy: str | None, subject: str, department: str, text: str, by: str, screen: Screen) -> None:
    """对政策提出建议，或希望出台新政策 / suggest something about a policy, or ask for one that there is not.

    \b
      policy-match report suggest --subject 夜间用电补贴 --text "三班倒企业夜间用电多" --by firm:91370212MA00000000
      policy-match report suggest unemp-stable-post-refund --text "希望分两次发放" --by firm:91370212MA00000000
    """
    application = current_session().application
    number = keep_suggestion(
        application.database,
        application.clock,
        None if policy is None else PolicyId(policy),
        text,
        subject=subject,
        department=department,
        by=by,
    )
    if screen.json:
        screen.result({"suggestion": number, "policy": policy, "subject": subject, "by": by})
        return
    screen.print(f"已收到建议 {number}", f"suggestion {number} is kept")


@click.command()
@policy_option
@after_option
@most_option
@screen_options
def suggestions(policy: PolicyId | None, after: int, most: int, screen: Screen) -> None:
    """列出建议 / the suggestions, of one policy or of all.

    \b
      policy-match report suggestions --policy unemp-stable-post-refund
    """
    found = list_suggestions(current_session().application.database, policy, after=after, most=most)
    if screen.json:
        screen.result(
            [
                {
                    "suggestion": each.suggestion_id,
                    "policy": each.policy_id,
                    "subject": each.subject,
                    "department": each.department,
                    "text": each.text,
                    "by": each.by,
                    "at": each.at.isoformat(),
                }
                for each in found
            ]
        )
        return
    columns = headings(
        screen,
        ("编号", "number", "right"),
        ("政策", "policy", "left"),
        ("建议", "suggestion", "left"),
        ("提出人", "by", "left"),
        ("时间", "at", "left"),
    )
    rows = [
        [str(each.suggestion_id), each.policy_id or each.subject, each.text, each.by, moment(each.at)] for each in found
    ]
    listed(screen, ("建议", "Suggestions"), columns, rows)


def _span(first: date | None, last: date | None) -> Span:
    year = year_span(None, current_session().application.clock)
    return Span(first=first or year.first, last=last or year.last)


def _show(screen: Screen, found: Review) -> None:
    if screen.json:
        screen.result(_review_json(found))
        return
    chinese, english = _state(found)
    screen.print(
        f"评估 {found.review_id}({found.policy_id}，负责人 {found.owner}):{chinese}",
        f"review {found.review_id} of {found.policy_id}, owner {found.owner}: {english}",
    )


def _state(found: Review | None) -> tuple[str, str]:
    if found is None:
        return "", ""
    if found.decision is not None:
        words = OUTCOME_WORDS[found.decision.outcome]
        return f"已决定：{words.zh}", f"decided: {words.en}"
    if found.answer is not None:
        return "已答复，待决定", "answered, to be decided"
    return "待答复", "waits for the owner's answer"


def _said(screen: Screen, found: Finding) -> str:
    share = found.share
    numbers = f"{found.number:,}" if share is None else f"{found.number:,}/{found.of:,} = {float(share):.1%}"
    detail = ", ".join(f"{_name(screen, found.sign, name)} {number:,}" for name, number in found.detail.items())
    return f"{screen.say(*SIGN_WORDS[found.sign])}: {numbers}" + (f" ({detail})" if detail else "")


def _name(screen: Screen, sign: Sign, name: str) -> str:
    return screen.say(*DECLINE_REASON_WORDS[DeclineReason(name)]) if sign is Sign.DECLINED else name


def _finding_json(found: Finding) -> dict[str, Any]:
    return {"sign": found.sign.value, "number": found.number, "of": found.of, "detail": dict(found.detail)}


def _review_json(found: Review) -> dict[str, Any]:
    answer, decision = found.answer, found.decision
    return {
        "review": found.review_id,
        "policy": found.policy_id,
        "owner": found.owner,
        "from": found.first_day.isoformat(),
        "to": found.last_day.isoformat(),
        "findings": [_finding_json(each) for each in found.found],
        "at": found.at.isoformat(),
        "by": found.by,
        "answer": None if answer is None else {"text": answer.text, "by": answer.by, "at": answer.at.isoformat()},
        "decision": None
        if decision is None
        else {
            "outcome": decision.outcome.value,
            "reason": decision.reason,
            "by": decision.by,
            "at": decision.at.isoformat(),
        },
    }
