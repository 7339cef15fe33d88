"""Why a row or a value of a source was not taken.

Guarantees a stable code and one sentence in Chinese and in English for each reason. Where the row or value went is
in `refused.csv`; how many there were is in the quality report.
"""

from enum import StrEnum


class Reason(StrEnum):
    """The code of a reason, as it stands in `refused.csv` and `quality.json`."""

    CELL_COUNT = "cell_count"
    NO_KEY = "no_key"
    UNUSABLE_KEY = "unusable_key"
    NO_RECORD_ID = "no_record_id"
    DUPLICATE_IDENTICAL = "duplicate_identical"
    DUPLICATE_SUPERSEDED = "duplicate_superseded"
    NOT_A_NUMBER = "not_a_number"
    NOT_WHOLE = "not_whole"
    TOO_LARGE = "too_large"
    OUT_OF_RANGE = "out_of_range"
    NO_UNIT = "no_unit"
    OTHER_UNIT = "other_unit"
    FOREIGN_CURRENCY = "foreign_currency"
    NOT_A_DATE = "not_a_date"
    IMPOSSIBLE_DATE = "impossible_date"
    NOT_A_BOOLEAN = "not_a_boolean"
    NOT_A_LIST = "not_a_list"
    NOT_ALLOWED = "not_allowed"
    NOT_TRANSLATED = "not_translated"
    UNDATED = "undated"
    WRONG_TYPE = "wrong_type"

    @property
    def chinese(self) -> str:
        """What it means, for a person."""
        return _TEXT[self][0]

    @property
    def english(self) -> str:
        """What it means, for a person."""
        return _TEXT[self][1]


ROW_REASONS = (
    Reason.CELL_COUNT,
    Reason.NO_KEY,
    Reason.UNUSABLE_KEY,
    Reason.NO_RECORD_ID,
    Reason.DUPLICATE_IDENTICAL,
    Reason.DUPLICATE_SUPERSEDED,
)
"""The reasons for which a whole row is set aside; all others make one fact of the row unknown."""

_TEXT: dict[Reason, tuple[str, str]] = {
    Reason.CELL_COUNT: ("单元格数与表头不符", "the row has more or fewer cells than the header"),
    Reason.NO_KEY: ("没有信用代码", "the row has no credit code"),
    Reason.UNUSABLE_KEY: (
        "信用代码无法识别企业（应为 8 至 32 位的数字、字母或汉字，且含数字）",
        "the code identifies no firm: it needs 8 to 32 digits, letters or characters, at least one of them a digit",
    ),
    Reason.NO_RECORD_ID: ("没有记录编号", "the row has no record id"),
    Reason.DUPLICATE_IDENTICAL: ("与保留的行完全相同", "the row is the same as the row that was kept"),
    Reason.DUPLICATE_SUPERSEDED: (
        "同一代码另有一行被保留（观测日期较新者优先，其次较完整者，再次在前者）",
        "another row of the same code was kept (the later observed, then the more complete, then the earlier row)",
    ),
    Reason.NOT_A_NUMBER: ("不是数字", "not a number"),
    Reason.NOT_WHOLE: ("不是整数", "not a whole number"),
    Reason.TOO_LARGE: ("数值过大", "too large to be kept"),
    Reason.OUT_OF_RANGE: ("超出允许范围", "outside the range that facts.toml allows"),
    Reason.NO_UNIT: ("金额没有单位，不作猜测", "an amount without a unit, which is not guessed"),
    Reason.OTHER_UNIT: ("单位无法识别或与映射不符", "a unit that is not known or not the one in the mapping"),
    Reason.FOREIGN_CURRENCY: ("外币金额，不作换算", "an amount in a foreign currency, which is not converted"),
    Reason.NOT_A_DATE: ("不是日期", "not a date"),
    Reason.IMPOSSIBLE_DATE: ("日期不存在", "a day that does not exist"),
    Reason.NOT_A_BOOLEAN: ("不是“是”或“否”", "neither yes nor no"),
    Reason.NOT_A_LIST: ("不是列表", "not a list of texts"),
    Reason.NOT_ALLOWED: ("不在 facts.toml 允许的取值之内", "not one of the values that facts.toml allows"),
    Reason.NOT_TRANSLATED: ("映射的 translate 表中没有该取值", "not in the translate table of the mapping"),
    Reason.UNDATED: (
        "该行没有可读的观测日期，而此事实有时效",
        "the row has no readable date of observation, and the fact goes stale",
    ),
    Reason.WRONG_TYPE: ("列的类型与事实的类型不符", "the column has another type than the fact"),
}
