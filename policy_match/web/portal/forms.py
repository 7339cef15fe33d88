"""What people fill in, read into models.

Guarantees that an empty field is a missing one, that money is read as people write it, and that each wrong field is
named in plain words. Whether the values make sense is the service's to say.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import IO, Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from werkzeug.datastructures import FileStorage, MultiDict

from policy_match.cases.words import Words
from policy_match.values import MONEY_LIMIT_FEN
from policy_match.web.identity.cookies import CSRF_FIELD
from policy_match.web.problems import Place, WrongFields

KEY_FIELD = "_key"
OWN_FIELDS = (CSRF_FIELD, KEY_FIELD)
"""Fields that every form of ours has."""

BLOCK = 1 << 20

YUAN = re.compile(r"[0-9]{1,3}(?:[,，]?[0-9]{3})*(?:\.[0-9]{1,2})?|[0-9]+(?:\.[0-9]{1,2})?")

Filled = TypeVar("Filled", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that was chosen in a form, under the name that it has where it came from."""

    name: str
    stream: IO[bytes]

    @property
    def digest(self) -> str:
        """The SHA-256 of its content."""
        found = hashlib.sha256()
        while block := self.stream.read(BLOCK):
            found.update(block)
        self.stream.seek(0)
        return found.hexdigest()


class Form(BaseModel):
    """The fields of a form. Texts are read as what they mean; an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, arbitrary_types_allowed=True)


def _fen(text: object) -> int:
    """Return an amount in fen of what a person wrote in yuan."""
    if not isinstance(text, str) or YUAN.fullmatch(text.strip()) is None:
        raise ValueError("not an amount in yuan")
    try:
        fen = Decimal(re.sub("[,，]", "", text.strip())) * 100
    except InvalidOperation:
        raise ValueError("not an amount in yuan") from None
    if not fen <= MONEY_LIMIT_FEN:
        raise ValueError("more than can be kept")
    return int(fen)


Yuan = Annotated[int, BeforeValidator(_fen)]
"""An amount that a person writes in yuan, in fen."""

WRONG: Mapping[str, Words] = {
    "missing": Words("必填", "is needed"),
    "int_parsing": Words("应为整数", "is a whole number"),
    "date_from_datetime_parsing": Words("应为日期，如 2026-03-02", "is a day such as 2026-03-02"),
    "date_parsing": Words("应为日期，如 2026-03-02", "is a day such as 2026-03-02"),
    "enum": Words("请从列表中选择", "is one of the list"),
    "literal_error": Words("请从列表中选择", "is one of the list"),
    "string_too_long": Words("内容过长", "is too long"),
    "string_too_short": Words("内容过短", "is too short"),
    "string_pattern_mismatch": Words("格式不正确", "has another form"),
    "extra_forbidden": Words("不是本表单的项目", "is not a field of this form"),
    "value_error": Words("不符合要求", "does not fit"),
}
"""What is wrong with a field, by pydantic's type of error; others are said with the last."""


def attached(files: "MultiDict[str, FileStorage]") -> Mapping[str, Attached]:
    """Return the files that were chosen, by the field of each."""
    return {name: Attached(file.filename, file.stream) for name, file in files.items() if file.filename}


def filled_in(model: type[Filled], sent: "MultiDict[str, str]", files: Mapping[str, Attached], language: str) -> Filled:
    """Return the form as it was filled in. Raises `WrongFields`, with the field in `where`."""
    found: dict[str, Any] = dict(files)
    for name, values in sent.lists():
        if name in OWN_FIELDS:
            continue
        kept = [value for value in values if value.strip()]
        field = model.model_fields.get(name)
        if field is not None and str(field.annotation).startswith(("list[", "tuple[")):
            found[name] = kept
        elif kept:
            found[name] = kept if len(kept) > 1 else kept[0]
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise WrongFields(unfit(error, language)) from None


def unfit(error: ValidationError, language: str) -> Sequence[Place]:
    """Return each field that does not fit, with what is wrong in plain words."""
    return [_place(each, language) for each in error.errors(include_url=False, include_input=False)]


def _place(each: Mapping[str, Any], language: str) -> Place:
    words = WRONG.get(each["type"], WRONG["value_error"])
    return Place(where=str(each["loc"][0]), detail=words.zh if language == "zh" else words.en)
