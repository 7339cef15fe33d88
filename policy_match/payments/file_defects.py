"""What can be wrong with a file from a bank, and with a batch that is to become a file.

Guarantees one line in English and in Chinese that names the file, the place and the next step, and that no error
repeats a text of the file: a misplaced account number would end up in a log. A file is used whole or not at all.
"""

from dataclasses import dataclass

from policy_match.errors import InputError


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where in a file something is, in both languages."""

    english: str
    chinese: str


WHOLE_FILE = Place(english="whole file", chinese="整个文件")


def row_place(number: int) -> Place:
    """Return the place of a row of a table; the header is row 1."""
    return Place(english=f"row {number}", chinese=f"第 {number} 行")


def element_place(tag: str, number: int) -> Place:
    """Return the place of the XML element `tag`, counted from 1 among those of that name."""
    return Place(english=f"{tag} {number}", chinese=f"第 {number} 个 {tag}")


class BankFileError(InputError):
    """A file from a bank that cannot be used. Nothing of it was."""

    code = "payments.bank-file"

    def __init__(self, *, file: str, place: Place = WHOLE_FILE, **fields: object) -> None:
        super().__init__(file=file, place=place.english, place_zh=place.chinese, **fields)


class FileTooLarge(BankFileError):
    """More bytes than a channel reads."""

    english = "{file}: {size} bytes, more than {limit}; ask the bank for smaller files or raise `max_bytes`"
    chinese = "{file}：{size} 字节，超过上限 {limit}；请让银行拆分文件，或调高 max_bytes"


class NotInEncoding(BankFileError):
    """Bytes that are no text in the encoding of the file."""

    english = "{file}: byte {offset}: not {encoding}; correct the channel's setting or ask the bank for the file again"
    chinese = "{file}：第 {offset} 字节：不是 {encoding} 编码；请更正通道设置，或请银行重发"


class NotXml(BankFileError):
    """Text that is no well-formed XML, or that uses entities that it does not declare."""

    english = "{file}: line {line}, column {column}: not well-formed XML; ask the bank for the file again"
    chinese = "{file}：第 {line} 行第 {column} 列：不是格式良好的 XML；请银行重发"


class HasDocumentType(BankFileError):
    """A DTD: it can name other files and declare entities that expand without end."""

    english = "{file}: has a DOCTYPE, which no bank message needs and which can do harm; ask the bank where it is from"
    chinese = "{file}：含有 DOCTYPE 声明，银行报文不需要且可能有害；请向银行核实文件来源"


class BeyondParser(BankFileError):
    """Elements nested deeper than 256 levels, or a single text of more than 10 MB."""

    english = "{file}: line {line}: nested deeper or longer than any bank message; ask the bank where it is from"
    chinese = "{file}：第 {line} 行：嵌套过深或文本过长，不像银行报文；请向银行核实文件来源"


class UnknownMessage(BankFileError):
    """XML that is no message that a channel reads."""

    english = "{file}: the root element is none of {known}; give the file to the channel that it belongs to"
    chinese = "{file}：根元素不属于 {known}；请交给对应的通道"


class OtherAccount(BankFileError):
    """A statement of an account that is not the one that pays."""

    english = "{file}: {place}: a statement of another account than the one that pays; give it to whom it belongs"
    chinese = "{file}：{place_zh}：对账单不是本付款账户的；请转交对应单位"


class ValueMissing(BankFileError):
    """Something that must be there is not."""

    english = "{file}: {place}: `{name}` is missing; ask the bank for a complete file"
    chinese = "{file}：{place_zh}：缺少“{name}”；请银行补全后重发"


class ValueUnreadable(BankFileError):
    """A value that is not what its place asks for. The value itself is not repeated."""

    english = "{file}: {place}: `{name}` is not {wanted}; ask the bank for a corrected file"
    chinese = "{file}：{place_zh}：“{name}”不是{wanted_zh}；请银行更正后重发"


class WrongCurrency(BankFileError):
    """An amount in another currency than CNY."""

    english = "{file}: {place}: `{name}` is not in CNY; only yuan are paid here; ask the bank"
    chinese = "{file}：{place_zh}：“{name}”不是人民币（CNY）；本系统只支付人民币，请联系银行"


class NotAsDeclared(BankFileError):
    """A count, total or balance that the lines do not make. `declared` and `found` are whole numbers or yuan."""

    english = "{file}: {place}: `{name}` declares {declared}, the lines make {found}; ask the bank for a corrected file"
    chinese = "{file}：{place_zh}：“{name}”声明为 {declared}，明细合计为 {found}；请银行更正后重发"


class WrongCells(BankFileError):
    """A row of a table with too many or too few cells, or another header than agreed."""

    english = "{file}: {place}: the cells are not {wanted}; ask the bank for a file in the agreed form"
    chinese = "{file}：{place_zh}：单元格不符合约定（{wanted}）；请银行按约定格式重发"


class BatchUnfit(InputError):
    """A batch that cannot be written as a file. Nothing was sent; `where` is an attempt id or a message id."""

    code = "payments.batch"
    english = "{where}: {field} {problem}; correct it and make the batch again"
    chinese = "{where}：{field_zh}{problem_zh}；请更正后重新生成批次"
