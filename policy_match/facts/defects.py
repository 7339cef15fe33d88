"""What can be wrong with a mapping, a registry source, a snapshot or a facts file as a whole.

Guarantees one line in English and in Chinese that names the place and what to do next. A single bad row or value of
a source is no error: it is set aside with its `Reason`.
"""

from collections.abc import Iterable, Sequence

from policy_match.errors import InputError, StorageError
from policy_match.expressions.defects import nearest
from policy_match.policy.defects import FileDefect, RuleDefect, RulesDefective


class MappingDefective(RulesDefective):
    """A mapping file has defects; `defects` holds them all."""

    code = "mapping.defective"
    exit_code = 2

    def __init__(self, defects: Sequence[RuleDefect]) -> None:
        super().__init__(defects)


class UnknownFact(FileDefect):
    """A mapping fills a fact that the catalogue does not have."""

    code = "mapping.unknown-fact"
    english = "fact `{name}` is not in facts.toml{hint}"
    chinese = "facts.toml 中没有事实“{name}”{hint_zh}"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(name=name, **_hint(name, known))


class WrongGrain(FileDefect):
    """A grain that is not there, or not the one of the facts that a mapping fills."""

    code = "mapping.grain"
    english = "grain `{grain}` does not fit; use {grains}"
    chinese = "粒度“{grain}”不符；应为 {grains}"


class UnfitParse(FileDefect):
    """Cells read one way cannot fill a fact of another type."""

    code = "mapping.parse"
    english = '`parse = "{parse}"` cannot fill `{fact}`, which is {type}; use {fitting}'
    chinese = 'parse = "{parse}" 不能用于 {type} 类型的事实“{fact}”；请用 {fitting}'


class SourceUnreadable(InputError):
    """A source cannot be opened or read."""

    code = "source.unreadable"
    english = "{file}: cannot be read: {detail}"
    chinese = "{file}：无法读取：{detail}"


class WrongKindOfFile(InputError):
    """A source whose name does not say that it is a file that can be read, or that has no name."""

    code = "source.kind"
    english = "{file}: not a kind of file that is read; give a file whose name ends in {known}"
    chinese = "{file}：不支持此类文件；文件名须以 {known} 结尾"


class SourceNotNamed(InputError):
    """A mapping that reads a file, without a file."""

    code = "source.not-named"
    english = "mapping {mapping}: no file is named; write --source MAPPING=FILE"
    chinese = "映射 {mapping}：未指定文件；请写作 --source 映射=文件"


class SourceEmpty(InputError):
    """A source has no rows, or not even a header."""

    code = "source.empty"
    english = "{file}: the file is empty; give a file with a header and at least one row"
    chinese = "{file}：文件为空；请提供含表头和至少一行数据的文件"


class WrongEncoding(InputError):
    """The bytes of a text file are not in the encoding that it should have."""

    code = "source.encoding"
    english = "{file}: line {line}, byte {offset}: not {encoding}; {advice}"
    chinese = "{file}：第 {line} 行，第 {offset} 字节：不是 {encoding} 编码；{advice_zh}"


class ColumnMissing(InputError):
    """A source lacks columns that its mapping names."""

    code = "source.column-missing"
    english = "{file}: no column `{column}`{hint}; the columns are {columns}; correct the file or its mapping"
    chinese = "{file}：没有“{column}”列{hint_zh}；现有列：{columns}；请更正文件或映射"

    def __init__(self, file: str, column: str, columns: Sequence[str]) -> None:
        super().__init__(file=file, column=column, columns=", ".join(columns), **_hint(column, columns))


class ColumnTwice(InputError):
    """A header names one column twice."""

    code = "source.column-twice"
    english = "{file}: two columns are named `{column}`; rename or remove one"
    chinese = "{file}：有两列都叫“{column}”；请改名或删除其一"


class MappingsDisagree(InputError):
    """Sources that cannot be joined into one snapshot."""

    code = "import.mappings"
    english = "{detail}"
    chinese = "{detail_zh}"


class NothingKept(InputError):
    """Not one row of a source has a usable key, so the mapping does not fit it."""

    code = "import.nothing-kept"
    english = "{file}: none of {rows} rows has a usable credit code in column `{column}`; correct `key` in the mapping"
    chinese = "{file}：{rows} 行中“{column}”列均无可用的信用代码；请更正映射中的 key"


class NoRowFits(InputError):
    """Not one row of a source has as many cells as its header."""

    code = "import.no-row-fits"
    english = (
        "{file}: none of {rows} rows has as many cells as the header; is a quote missing, or no comma between cells?"
    )
    chinese = "{file}：{rows} 行的单元格数均与表头不符；请检查引号是否成对、分隔符是否为逗号"


class SnapshotNotWritten(StorageError):
    """The disk refused while a snapshot was written; nothing is left under the final name."""

    code = "snapshot.not-written"
    english = "{directory}: the snapshot was not written: {detail}; nothing was kept, make room and run again"
    chinese = "{directory}：快照未写入：{detail}；未留下任何内容，请清理空间后重试"


class SnapshotDamaged(InputError):
    """A snapshot's files are not those that were written."""

    code = "snapshot.damaged"
    english = "{file}: {detail}; import the registry again or restore the snapshot from a copy"
    chinese = "{file}：{detail_zh}；请重新导入或从备份恢复快照"


class SnapshotOutdated(InputError):
    """A snapshot keeps a fact in another form than the catalogue now says."""

    code = "snapshot.outdated"
    english = "{directory}: fact `{fact}` is kept as {kept}, but facts.toml says {wanted}; import the registry again"
    chinese = "{directory}：事实“{fact}”按 {kept} 保存，而 facts.toml 现为 {wanted}；请重新导入"


class NotReadInParts(InputError):
    """Several processes shall read parts of a file that can only be read from its beginning."""

    code = "facts-file.parts"
    english = (
        "{file}: a CSV file cannot be read in parts by several processes; save it as Parquet, "
        "make a snapshot of it with `policy-match import`, or use --engine arrow"
    )
    chinese = (
        "{file}:CSV 文件不能由多个进程分段读取；请另存为 Parquet,"
        "或用 policy-match import 导入为快照，或改用 --engine arrow"
    )


class NotTheSameFile(InputError):
    """A process that reads a part of a table finds another file under the path than the one that was opened first."""

    code = "facts.not-the-same"
    english = "{file}: not the file that the sweep began with; every machine must see the same file under this path"
    chinese = "{file}：与判定开始时的文件不同；所有机器须在同一路径下看到同一文件"


class UnknownColumn(InputError):
    """A facts file has a column that is no fact."""

    code = "facts-file.unknown-column"
    english = "{file}: column `{column}` is not a fact of the {grain} table{hint}; rename or remove it"
    chinese = "{file}：列“{column}”不是 {grain} 表的事实{hint_zh}；请改名或删除"

    def __init__(self, file: str, column: str, grain: str, known: Iterable[str]) -> None:
        super().__init__(file=file, column=column, grain=grain, **_hint(column, known))


class DuplicateKey(InputError):
    """A facts file has two rows of one firm (or of one record)."""

    code = "facts-file.duplicate"
    english = (
        "{file}: rows {first} and {second} are both {key} ({count} such rows); keep one row each, "
        "or run `policy-match import` with a mapping, which sets the others aside"
    )
    chinese = (
        "{file}：第 {first} 行与第 {second} 行都是 {key}（此类行共 {count} 行）；请各保留一行，"
        "或用 policy-match import 加映射导入，多余的行会另存"
    )


class WrongKey(InputError):
    """A facts file has a row without a usable key."""

    code = "facts-file.key"
    english = (
        "{file}: row {row}, column {column}: {value!r} is no {what} ({count} such rows); correct it, "
        "or run `policy-match import` with a mapping, which sets bad rows aside"
    )
    chinese = (
        "{file}：第 {row} 行，{column} 列：{value!r} 不是有效的{what_zh}（此类行共 {count} 行）；请更正，"
        "或用 policy-match import 加映射导入，坏行会另存"
    )


class WrongValue(InputError):
    """A facts file has a value that its fact cannot have."""

    code = "facts-file.value"
    english = (
        "{file}: row {row}, column {column}: {value!r}: {problem} ({count} such values in the file); correct them, "
        "or run `policy-match import` with a mapping, which sets bad rows aside"
    )
    chinese = (
        "{file}：第 {row} 行，{column} 列：{value!r}：{problem_zh}（文件中此类值共 {count} 个）；请更正，"
        "或用 policy-match import 加映射导入，坏行会另存"
    )


def _hint(word: str, known: Iterable[str]) -> dict[str, object]:
    near = nearest(word, known)
    return {"hint": f"; did you mean `{near}`?" if near else "", "hint_zh": f"；是否想写“{near}”？" if near else ""}
