"""The dirt in the invented files: what clerks and old systems really hand over, put in on purpose.

Guarantees a fixed, listed number of each kind, so that the quality report of the import can be checked against the
list. Codes that are repeated or damaged stay invented.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from policy_match.services.sample_region.credit_codes import ALPHABET
from policy_match.services.sample_region.sheets import OBSERVED, Cell, Sheet
from policy_match.services.sample_region.streams import stream

SMALLEST_PART = 20
"""At most one row in so many of a file gets one kind of defect, whatever the list says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Defect:
    """One kind of defect in one column of one file. `spoil` makes the bad cell from the good one.

    With `repeats` the row is written a second time and its copy is spoiled instead.
    """

    file_name: str
    header: str
    count: int
    chinese: str
    english: str
    spoil: Callable[[Cell], Cell]
    repeats: bool = False


def _always(cell: Cell) -> Callable[[Cell], Cell]:
    return lambda _: cell


def _same(cell: Cell) -> Cell:
    return cell


def _wrong_check_digit(code: Cell) -> Cell:
    text = str(code)
    return text[:-1] + ALPHABET[(ALPHABET.index(text[-1]) + 7) % len(ALPHABET)]


def _old_number(code: Cell) -> Cell:
    """Return what a register of before 2015 has: the division and nine digits."""
    text = str(code)
    return text[2:8] + "".join(str(ALPHABET.index(sign) % 10) for sign in text[8:17])


def _full_width(code: Cell) -> Cell:
    return "".join(chr(ord(sign) + 0xFEE0) for sign in str(code))


def _chinese_date(day: Cell) -> Cell:
    year, month, of_month = str(day).split("-")
    return f"{year}年{int(month)}月{int(of_month)}日"


_REGISTRY, _CODE = "registry.csv", "统一社会信用代码"
_SOCIAL, _LOANS, _CHECK = "social-insurance.csv", "loans.csv", "joint-check.csv"
_LICENCES = "licences.csv"


def _in_registry(
    header: str, count: int, chinese: str, english: str, spoil: Callable[[Cell], Cell], repeats: bool = False
) -> Defect:
    return Defect(
        file_name=_REGISTRY,
        header=header,
        count=count,
        chinese=chinese,
        english=english,
        spoil=spoil,
        repeats=repeats,
    )


def _in(file_name: str, header: str, count: int, chinese: str, english: str, cell: Cell) -> Defect:
    return Defect(
        file_name=file_name, header=header, count=count, chinese=chinese, english=english, spoil=_always(cell)
    )


DEFECTS: Sequence[Defect] = (
    _in_registry(_CODE, 6, "校验码错误", "wrong check digit", _wrong_check_digit),
    _in_registry(_CODE, 4, "15 位旧注册号", "old registration number of 15 digits", _old_number),
    _in_registry(_CODE, 4, "全角信用代码", "code in full-width signs", _full_width),
    _in_registry(_CODE, 2, "无信用代码", "no code", _always(None)),
    _in_registry(_CODE, 2, "代码栏写了备注", "a remark instead of the code", _always("见备注")),
    _in_registry("成立日期", 3, "不存在的日期", "a day that does not exist", _always("2023-02-30")),
    _in_registry("成立日期", 2, "日期栏写“不详”", "a word instead of the date", _always("不详")),
    _in_registry("成立日期", 5, "中文写法的日期（可读）", "date written in Chinese (readable)", _chinese_date),
    _in_registry("注册资本", 3, "金额没有单位", "amount without a unit", _always("500")),
    _in_registry("注册资本", 3, "外币金额", "amount in a foreign currency", _always("100万美元")),
    _in_registry("注册资本", 2, "大写金额", "amount in Chinese numerals", _always("叁佰万元整")),
    _in_registry("注册资本", 6, "N/A", "N/A", _always("N/A")),
    _in_registry("主体类型", 3, "未定义的类型", "a kind that the mapping does not know", _always("其他（待核）")),
    _in_registry("注册资本", 4, "同一代码两行，完全相同", "the same row twice", _same, repeats=True),
    _in_registry(
        "注册资本", 4, "同一代码两行，内容不同", "two different rows of one code", _always("1万元人民币"), repeats=True
    ),
    _in("tax.parquet", "上年末资产总额", 4, "负的资产总额", "negative assets", Decimal("-1.00")),
    _in(_SOCIAL, "参保职工人数", 4, "负的人数", "negative headcount", "-5"),
    _in(_SOCIAL, "参保职工人数", 2, "人数栏写了文字", "words instead of a headcount", "约30人"),
    _in(_SOCIAL, "参保职工人数", 4, "N/A", "N/A", "N/A"),
    _in(_SOCIAL, "上年实缴失业保险费", 2, "单位不符的金额", "an amount in another unit", "1.2万"),
    _in("statistics.csv", "从业人员期末人数", 2, "人数带单位", "headcount with a unit", "12人"),
    _in("science.csv", "高企首次认定年度", 2, "不可能的年度", "an impossible year", 20245),
    _in(_CHECK, "环境信用评价", 2, "不存在的等级", "a colour that does not exist", "紫"),
    _in(_CHECK, OBSERVED, 2, "不是日期的数据日期", "a date of observation that is none", "上周"),
    _in("power.xlsx", "本年一季度用电量", 2, "负的用电量", "negative electricity", -120),
    _in(_LOANS, "贷款编号", 2, "无贷款编号", "no loan number", None),
    _in(_LOANS, "到期日期", 2, "不存在的日期", "a day that does not exist", "2027-06-31"),
    _in(_LOANS, "本金（万元）", 2, "大写金额", "amount in Chinese numerals", "五十"),
    _in(_LICENCES, "许可证编号", 2, "无许可证编号", "no licence number", None),
    _in(_LICENCES, "有效期至", 3, "期限栏写“长期”", "a word instead of the last day", "长期"),
    _in(_LICENCES, "许可种类", 3, "未列入的种类", "a kind that the mapping does not know", "其他许可"),
)
"""Every kind of defect, in the order in which they are put in."""


def put_defects(sheets: Iterable[Sheet], seed: int) -> tuple[list[Sheet], Mapping[Defect, int]]:
    """Return the sheets with their defects, and how many of each kind were put in."""
    spoiled, counts = [], {}
    for sheet in sheets:
        columns = {header: list(cells) for header, cells in sheet.columns.items()}
        taken: set[int] = set()
        for number, defect in enumerate(DEFECTS):
            if defect.file_name == sheet.file_name:
                places = _places(columns[defect.header], defect, seed, number, taken)
                counts[defect] = len(places)
                for place in places:
                    taken.update((place, _spoil(columns, defect, place)))
        spoiled.append(Sheet(file_name=sheet.file_name, columns=columns))
    return spoiled, counts


def _places(cells: Sequence[Cell], defect: Defect, seed: int, number: int, taken: set[int]) -> list[int]:
    """Return the rows to spoil: filled cells of rows that have no other defect."""
    free = [place for place, cell in enumerate(cells) if cell is not None and place not in taken]
    count = min(defect.count, len(free) // SMALLEST_PART)
    return sorted(stream(seed, "defect", number).choice(free, size=count, replace=False).tolist()) if count else []


def _spoil(columns: dict[str, list[Cell]], defect: Defect, place: int) -> int:
    """Spoil a row, or a copy of it at the end; return where the bad row is."""
    if defect.repeats:
        for cells in columns.values():
            cells.append(cells[place])
        place = len(columns[defect.header]) - 1
    columns[defect.header][place] = defect.spoil(columns[defect.header][place])
    return place
