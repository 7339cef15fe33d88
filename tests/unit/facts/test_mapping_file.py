"""Mapping files are read strictly."""

from datetime import date
from pathlib import Path

import pytest

from policy_match.errors import PolicyMatchError
from policy_match.facts.defects import MappingDefective
from policy_match.facts.mapping import Parse
from policy_match.facts.mapping_file import load_mapping
from tests.support.registry import CATALOGUE, mapping_file

GOOD = """
source = "tax"
key = "统一社会信用代码"
observed = 2025-06-01
null_tokens = ["N/A"]
encoding = "gb18030"

[fact.revenue]
column = "营业收入（万元）"
parse = "money_wan"

[fact.lists]
column = "名单"
parse = "list"
separator = "、"
empty = ["无"]

[fact.size_class]
column = "规模"
parse = "text"
[fact.size_class.translate]
"大型" = "large"
"小型（含微型）" = "small"
"""


def test_a_mapping_file_becomes_a_mapping(tmp_path: Path) -> None:
    mapping = mapping_file(tmp_path / "tax.toml", GOOD)
    assert (mapping.source, mapping.key, mapping.observed, mapping.encoding) == (
        "tax",
        "统一社会信用代码",
        date(2025, 6, 1),
        "gb18030",
    )
    revenue, lists, size = mapping.facts
    assert (revenue.column, revenue.parse) == ("营业收入(万元)", Parse.MONEY_WAN)
    assert (lists.separator, lists.empty) == ("、", ("无",))
    assert size.translate == {"大型": "large", "小型(含微型)": "small"}
    assert mapping.columns == ("统一社会信用代码", "营业收入(万元)", "名单", "规模")
    assert mapping.file_name == "tax.toml"


def test_a_query_and_a_column_of_dates_can_be_mapped(tmp_path: Path) -> None:
    text = """
source = "bank"
grain = "loan"
key = "uscc"
record = "contract"
observed = "reported_on"
[query]
sql = "SELECT * FROM loans ORDER BY contract"
connection = "BANK_DATABASE_URL"
[fact.loan_purpose]
column = "purpose"
parse = "text"
"""
    mapping = mapping_file(tmp_path / "bank.toml", text)
    assert mapping.query is not None
    assert mapping.query.connection == "BANK_DATABASE_URL"
    assert mapping.columns == ("uscc", "contract", "reported_on", "purpose")


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('source = "tax"', 'sauce = "tax"', 2, "unknown key `sauce`; did you mean `source`?"),
        ('encoding = "gb18030"', 'encoding = "gbk"', 6, "`encoding` cannot be 'gbk'"),
        ("[fact.revenue]", "[fact.revenu]", 8, "fact `revenu` is not in facts.toml; did you mean `revenue`?"),
        ("[fact.revenue]", "[fact.loan_principal]", 8, "grain `firm` does not fit; use loan"),
        ('"money_wan"', '"money_wang"', 10, "did you mean 'money_wan'?"),
        ('"money_wan"', '"text"', 10, '`parse = "text"` cannot fill `revenue`, which is money'),
        ('parse = "money_wan"', 'parse = "money_wan"\nseparator = ","', 11, "unknown key `separator`"),
        ('separator = "、"', 'seperator = "、"', 15, "did you mean `separator`?"),
        ("observed = 2025-06-01", "observed = 20250601", 4, "`observed` must be a date or a string"),
        ('key = "统一社会信用代码"', 'key = "x"\nrecord = "y"', 4, "grain `firm` does not fit"),
        ('source = "tax"', 'source = "tax"\ngrain = "loans"', 3, "grain `loans` does not fit; use firm, loan"),
        ('"大型" = "large"', '"大型" = 1', 22, "must be a string"),
        ('source = "tax"', "source = ", 2, "not valid TOML"),
    ],
)
def test_each_defect_names_its_line(tmp_path: Path, old: str, new: str, line: int, message: str) -> None:
    path = tmp_path / "tax.toml"
    with pytest.raises(MappingDefective) as caught:
        mapping_file(path, GOOD.replace(old, new))
    assert any(f"{path}:{line}: " in text and message in text for text in str(caught.value).splitlines()), caught.value
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("missing", ["source", "key", "observed"])
def test_what_is_required_is_missed(tmp_path: Path, missing: str) -> None:
    text = "\n".join(line for line in GOOD.splitlines() if not line.startswith(missing))
    with pytest.raises(MappingDefective, match=f"`{missing}` is missing"):
        mapping_file(tmp_path / "tax.toml", text)


def test_records_need_a_column_that_tells_them_apart(tmp_path: Path) -> None:
    text = 'source = "bank"\ngrain = "loan"\nkey = "uscc"\nobserved = 2025-06-01\n'
    text += '[fact.loan_purpose]\ncolumn = "p"\nparse = "text"\n'
    with pytest.raises(MappingDefective, match="becomes `loan_id`"):
        mapping_file(tmp_path / "bank.toml", text)


def test_a_mapping_without_facts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MappingDefective, match="at least one fact"):
        mapping_file(tmp_path / "tax.toml", 'source = "tax"\nkey = "uscc"\nobserved = 2025-06-01\n')


def test_a_mapping_that_is_not_there_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyMatchError, match="No such file"):
        load_mapping(tmp_path / "none.toml", CATALOGUE)
