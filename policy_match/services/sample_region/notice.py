"""What the output says of itself: that all of it is invented, how it was made, and which defects were put in."""

from collections.abc import Mapping, Sequence
from datetime import date

from policy_match.services.sample_region.credit_codes import SERIES
from policy_match.services.sample_region.defects import Defect
from policy_match.services.sample_region.kinds import MARKER
from policy_match.services.sample_region.later import LaterNews
from policy_match.services.sample_region.places import ENCLAVE, GUEST, HOME
from policy_match.services.sample_region.sheets import Sheet

FILE = "README.txt"

_TEXT = """\
本目录全部数据均为虚构 / ALL DATA IN THIS FOLDER ARE INVENTED
================================================================

没有一家企业真实存在，没有一个数字来自真实企业。请勿用于任何兑付。
No firm here exists and no number is that of a real firm. Do not pay anybody by it.

统计日 / as of: {as_of}    企业 / firms: {firms}    种子 / seed: {seed}
生成命令 / written by: policy-match sample-region --firms {firms} --seed {seed} --as-of {as_of}{later} --out DIR
统计日登记在册（含近两年注销）/ registered on that day, or struck off in the two years before: {registered}
同一种子、同一日期，逐字节相同；换一个日期，仍是同一批企业。
The same seed and day give the same bytes; another day shows the same firms on that day.

如何看出是虚构的 / How one sees that a firm is invented
- 名称均含“{marker}”和编号 / every name holds “{marker}” and a number.
- 信用代码按 GB 32100-2015 校验正确，但其中区划码 {codes} 未分配给任何地方，主体标识码以 {series} 开头，
  不属于在用号段 / the credit codes have right check characters, but hold division codes that belong to no place
  ({codes}) and organisation numbers from a series that is not in use ({series}).
- {home} {home_code}（虚构，{home_share:.1%}）、{enclave} {enclave_code}（虚构，{enclave_share:.1%}）
  / an invented district and an invented partner park.
- {guest} {guest_code}（{guest_share:.1%}）：“新开办企业首套印章免费刻制”只认这六位真实区划，因此登记地事实
  使用该代码；企业仍为虚构 / the one real division code, as a fact only: a benefit is limited to these six digits.

文件 / Files (映射 / mappings: connectors/registry_sources/mappings/sample_region/)
{files}

{news}有意放入的缺陷 / Defects put in on purpose
{defects}

另有：多数事实约 5% 至 15% 缺失（集中在少数企业），约 4% 的行数据日期过旧；空单元格 = 未知，“无”= 已核查、没有。
Besides: 5 to 15 % of most facts is missing, mostly at the same firms, and some 4 % of rows are too old; an empty cell
is unknown, 无 is looked up and nothing found.
"""


_NEWS = """\
一个月后补报 / Learnt a month later of the same day
- 已迁出 / moved away: {moved}；已注销且不在任何文件中 / closed, in no file any more: {closed};
  新列入严重违法失信名单 / newly on the list of serious violations: {listed}

"""


def notice(
    sheets: Sequence[Sheet],
    defects: Mapping[Defect, int],
    news: LaterNews | None,
    *,
    firms: int,
    registered: int,
    seed: int,
    as_of: date,
) -> str:
    """Return the text of the notice; `news` is there when the files are those of a month later."""
    return _TEXT.format(
        as_of=as_of.isoformat(),
        firms=firms,
        seed=seed,
        registered=registered,
        marker=MARKER,
        codes="、".join(place.issued_by for place in (HOME, ENCLAVE, GUEST)),
        series=SERIES,
        home=HOME.name,
        home_code=HOME.division,
        home_share=HOME.share,
        enclave=ENCLAVE.name,
        enclave_code=ENCLAVE.division,
        enclave_share=ENCLAVE.share,
        guest=GUEST.name,
        guest_code=GUEST.division,
        guest_share=GUEST.share,
        files="\n".join(f"- {sheet.file_name}: {sheet.rows} 行 / rows" for sheet in sheets),
        later="" if news is None else " --later",
        news="" if news is None else _news(news),
        defects="\n".join(_line(defect, count) for defect, count in defects.items() if count),
    )


def _news(news: LaterNews) -> str:
    return _NEWS.format(moved=len(news.moved), closed=len(news.closed), listed=len(news.listed))


def _line(defect: Defect, count: int) -> str:
    return f"- {defect.file_name} {defect.header}: {count} × {defect.chinese} / {defect.english}"
