"""Prints the manual's page of the report from the table of figures: `python -m tests.unit.reports.render` writes it.

Guarantees that every figure on the page is one of the program, with its definition; `test_page` fails when the
committed page is stale.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from policy_match.cases.decline_reasons import DECLINE_REASON_WORDS
from policy_match.reports.figure_kinds import SECTION_WORDS, UNIT_WORDS, Figure, Section
from policy_match.reports.figures import FIGURES
from policy_match.reports.groups import CUT_WORDS
from policy_match.reports.notice_figures import DELIVERY_COUNTS, NOTICE_COUNTS
from policy_match.reports.reviews import OUTCOME_WORDS, SIGN_MEANINGS, SIGN_WORDS, Sign

PAGE = Path(__file__).parents[3] / "docs" / "report.md"

OPENING = """\
# 服务成效 · How well the service does

`policy-match report` 说明到期的应享事项结果如何：触达、答复、兑付、天数、差错。
数字按政策、登记地、行业、规模、渠道或月份分组，可公开的数字隐去企业过少的。

`policy-match report` says what became of the benefits that fell due: reach, answers, payment, days, errors. Figures are
divided by policy, district, industry, size, channel or month; what may be published hides figures of too few firms.

> 本页由 `python -m tests.unit.reports.render` 从 `policy_match.reports.figures` 的指标表生成；报告页面用的是同一张表。
>
> This page is generated from the table in `policy_match.reports.figures`; the report's own page is made from the same.

```sh
policy-match report show --by industry                       # a table; --format csv|json has every figure
policy-match report show --by policy --from 2025-01-01 --to 2025-06-30 --format csv > half-year.csv
policy-match report stages                                   # days in each stage, by policy
policy-match report notices                                  # deliveries by channel and provider
policy-match report year --out public/                       # a page, plots, CSV and JSON, to be published
policy-match report year --internal --out internal/          # nothing hidden; the page says so
```
"""

COUNTED = """\
## 统计口径 · What is counted

- 一件应享事项是一项待遇：一家企业（或一笔记录）、一项政策、一个期间、一期款项。自发起之日起计；
  分期的，自该期到期之日起计。`--from` 和 `--to` 选定这一日期。重新发起的，只计最后一件。
- 数字是查询时的情况，不是期末的情况；页面上写明截至哪一日。门户和接口的统计结果保留十分钟，
  并写明截至几时几分；命令每次重新统计。
- 每件事项都有且只有一个结果；每种分组中，每件事项都在且只在一组。登记地、行业和规模取自发起该事项的那次匹配所用的快照，
  规模按规则库中的 `size_class` 判定；未知的单独成组，不会略去。渠道是最先送达企业的渠道。
- 要求退还过款项的事项，即使只追回一部分，也不再计入已兑付，其全部应付金额列入“追回事项金额”。
  因此兑付金额可能小于总账的已支付减已追回，相差的是这些事项中未追回的部分。
- 可能重复：不能保证不重复的服务商，结果不明而再次发送的。

- A case is one benefit due to one firm (or record) for one policy, period and instalment. It begins when it is opened;
  an instalment on the day it falls due. `--from` and `--to` choose that day. Of a benefit that was opened again only
  the last case counts.
- Figures are as of now, not as of the last day; the page says of which day. The portal and the API keep figures for ten
  minutes and say the minute; a command counts anew each time.
- Every case is in exactly one end state, and in exactly one group of each cut. District, industry and size are those of
  the snapshot by which the case was opened, the size by the rules' own `size_class`; unknown is a group of its own and
  nobody is left out. The channel is the first that reached the firm.
- A case of which money was claimed back, be it a part, does not count as paid any more; all that is owed of it stands
  among the yuan of cases claimed back. So the yuan paid may be less than what the ledger has as paid less recovered:
  by what was not claimed back, or has not come back, of such cases.
- Possible duplicates are messages that were sent again while nobody knew, by providers that cannot promise.
"""

HIDDEN = """\
## 隐去的数字 · What is hidden

企业少于 3 家（且不为零）的数字不公开。只隐去它们是不够的：由合计可以反推。因此每个小数都有一个“见证”：
另一组中的一件事项可以与它对调，或者它本身可以是另一种情况，而公开的数字完全不变；两者不同之处的数字一并隐去。
金额、比例、天数随所依据的数字隐去。
公开一种分组时，六种分组一并考虑，因此先后公开不同分组不会泄露。

- `*` 表示隐去，空白或 “–” 表示没有可计的内容。JSON 中，`hidden` 列出隐去的指标。
- `--internal` 不隐去任何数字，不得公开；页面上有醒目的说明。
- 局限：不同时间范围的报告可以相减。请只公开固定的期间（如年度）。零不隐去。
- 通知按种类的数字只在内部报告中给出：每走一步就有一件通知，会泄露其他表隐去的数字。

A figure with fewer than 3 firms behind it, and at least one, is not published. Hiding those alone is not enough, as
totals give them back. So every small figure has a *witness*: a case of another group could have changed places with one
of its cases, or that case could have been another, and everything published would be the same. What differs between the
two is hidden too. Amounts, shares and days are hidden with the counts that they rest on. To publish one cut all six
are looked at, so that publishing another one later gives nothing away.

- `*` is a hidden figure; empty or “–” means that there was nothing to count. In JSON `hidden` names what is hidden.
- `--internal` hides nothing and is not for publication; its page says so at the top.
- Limits: reports of different days can be subtracted from each other, so publish fixed periods, such as years. A figure
  of nothing is not hidden. A hidden figure may be told to lie in a range.
- Notices by kind are in internal reports only: each step of a case writes one, so they would tell what another table
  hides.
"""

REVIEWS = """\
## 政策评估 · Reviews of policies

企业放弃时可选择原因类别（`cases decline --because`），自己的话照样保存；
任何具名的人都可以提出建议。两者与数字一起进入评估清单。
清单仅供内部使用。一项政策一次只有一个评估：指定负责人，由负责人答复，由他人决定；发起时的情况原样保存，均不可更改。

When a firm declines it may choose a kind of reason (`cases decline --because`); its own words are kept as well. Anybody
who gives a name may suggest something. Both feed the review list, with the figures. The list is internal. A policy has
one review at a time: it names an owner, the owner answers, and somebody else decides. The signs are kept as they were
when the review began, and nothing of it is ever changed.

```sh
policy-match report reviews
policy-match report suggest unemp-stable-post-refund --text "希望分两次发放" --by firm:91370212MA00000000
policy-match report review unemp-stable-post-refund --owner sun.li --by wang.fang
policy-match report answer 1 --text "额度偏低，建议提高" --by sun.li
policy-match report decide 1 change --reason "下一年度提高标准" --by zhao.lei
```
"""

FILES: Sequence[tuple[str, str]] = (
    ("`report.html`", "一个文件的网页，可打印 one page without scripts, for reading and printing"),
    (
        "`reach.svg`, `ends.svg`, `coverage.svg`, `answers.svg`, `stages.svg`",
        "图，也在网页中 the plots, also in the page",
    ),
    (
        "`by-policy.csv`, `by-district.csv`, `by-industry.csv`, `by-size.csv`, `by-channel.csv`, `by-month.csv`",
        "各组全部指标，金额以元计 every figure of each group, money in yuan",
    ),
    ("`stages.csv`, `notices.csv`, `deliveries.csv`", "各环节天数、通知、投递 days in each stage, notices, deliveries"),
    ("`definitions.csv`", "指标含义 what the figures mean"),
    ("`datapackage.json`", "表的机器可读说明 the tables described for programs, with digests and licence"),
    ("`report.json`", "以上全部，金额以分计 all of it, money in fen"),
)

STANDING = """\
定时任务 `report` 每天把本年报告发布到数据目录下的 `report/`。
The standing job `report` publishes this year's every day, into `report/` of the data directory.
"""


def page() -> str:
    """Return the whole page."""
    cuts = [f"`--by {cut}` {words.zh} {words.en}" for cut, words in CUT_WORDS.items()]
    lines = [
        OPENING,
        f"分组 Cuts: {'; '.join(cuts)}.",
        "",
        COUNTED,
        "## 指标 · Figures",
        "",
        *figures(),
        "## 通知与投递 · Notices and deliveries",
        "",
        *notices(),
        HIDDEN,
        REVIEWS,
        *reviews(),
        "## 年度报告的文件 · The files of a year",
        "",
        *grid(["文件 File", ""], [list(row) for row in FILES]),
        STANDING,
    ]
    return "\n".join(lines).rstrip() + "\n"


def grid(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table."""
    body = ["| " + " | ".join(row) + " |" for row in [header, *rows]]
    return [body[0], "|" + "---|" * len(header), *body[1:], ""]


def figures() -> Iterator[str]:
    """Yield the table of figures of each section."""
    for section in Section:
        words = SECTION_WORDS[section]
        yield from [f"### {words.zh} · {words.en}", ""]
        rows = [_row(figure) for figure in FIGURES if figure.section is section]
        yield from grid(["指标 Figure", "单位 Unit", "含义 Meaning", "分子 ÷ 分母 Numerator ÷ denominator"], rows)


def _row(figure: Figure) -> list[str]:
    of = f"{_sum(figure.numerator)} ÷ {_sum(figure.denominator)}" if figure.numerator else ""
    unit = UNIT_WORDS[figure.unit]
    return [
        f"`{figure.name}` {figure.words.zh}",
        f"{unit.zh} {unit.en}",
        f"{figure.meaning.zh}<br>{figure.meaning.en}",
        of,
    ]


def _sum(names: Sequence[str]) -> str:
    text = " + ".join(f"`{name}`" for name in names)
    return f"({text})" if len(names) > 1 else text


def notices() -> Iterator[str]:
    """Yield what is counted of notices and of deliveries."""
    yield from grid(["通知 Notice", "", ""], [[f"`{name}`", words.zh, words.en] for name, words in NOTICE_COUNTS])
    rows = [[f"`{count.name}` {count.words.zh}", count.meaning.zh, count.meaning.en] for count in DELIVERY_COUNTS]
    yield from grid(["投递 Delivery", "", ""], rows)


def reviews() -> Iterator[str]:
    """Yield the signs, the kinds of reasons and the outcomes."""
    rows = [[f"`{sign}` {SIGN_WORDS[sign].zh}", SIGN_MEANINGS[sign].zh, SIGN_MEANINGS[sign].en] for sign in Sign]
    yield from grid(["迹象 Sign", "", ""], rows)
    reasons = [[f"`{reason}`", words.zh, words.en] for reason, words in DECLINE_REASON_WORDS.items()]
    yield from grid(["放弃原因 Decline reason", "", ""], reasons)
    outcomes = [[f"`{outcome}`", words.zh, words.en] for outcome, words in OUTCOME_WORDS.items()]
    yield from grid(["决定 Outcome", "", ""], outcomes)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
