"""One tree of exceptions; each class fixes its exit code, HTTP status and whether a retry can help.

Guarantees that every error has a stable `code`, and one line in Chinese and in English that says what is wrong,
where, and what to do next. Expected outcomes are values, not errors; bugs are assertions.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, Literal, TypeVar

Part = TypeVar("Part")
Language = Literal["zh", "en"]


class PolicyMatchError(Exception):
    """Base of all errors. Subclasses fill `english` and `chinese`, templates over the keyword fields given."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500
    retry_helps: ClassVar[bool] = False
    english: ClassVar[str] = "{detail}"
    chinese: ClassVar[str] = "{detail}"

    def __init__(self, **fields: Any) -> None:
        self.fields = fields
        super().__init__(self.message("en"))

    def __reduce__(self) -> tuple[Any, ...]:
        # A subclass may have parameters of its own; an error that comes from another process is what it was there.
        return _restored, (type(self), self.fields)

    def message(self, language: Language) -> str:
        """Return the one line for a person."""
        template = self.chinese if language == "zh" else self.english
        return " ".join(template.format(**self.fields).splitlines())


def _restored(kind: type[PolicyMatchError], fields: dict[str, object]) -> PolicyMatchError:
    error = kind.__new__(kind)
    PolicyMatchError.__init__(error, **fields)
    return error


class InputError(PolicyMatchError):
    """The caller gave something that cannot be used; nothing was written."""

    code = "input"
    exit_code = 2
    http_status = 422


class SettingError(InputError):
    """A setting of this installation cannot be used: a word for whoever runs it, never for who asks from outside."""

    code = "config"


class SeveralMistakes(InputError):
    """Several mistakes of what was given, all at once; the message has a line for each."""

    code = "several-mistakes"

    def __init__(self, mistakes: Sequence[InputError]) -> None:
        super().__init__(mistakes=tuple(mistakes))

    @property
    def mistakes(self) -> tuple[InputError, ...]:
        """Each mistake."""
        found: tuple[InputError, ...] = self.fields["mistakes"]
        return found

    def message(self, language: Language) -> str:
        """Return one line for each mistake."""
        return "\n".join(each.message(language) for each in self.mistakes)


def each_mistake(error: InputError) -> Sequence[InputError]:
    """Return the mistakes that an error tells of."""
    return error.mistakes if isinstance(error, SeveralMistakes) else (error,)


def all_of(parts: Iterable[Callable[[], Part]]) -> list[Part]:
    """Return what each call gives. Raises the mistakes of all of them at once, each of them once."""
    found: list[Part] = []
    mistakes: dict[str, InputError] = {}
    for part in parts:
        try:
            found.append(part())
        except InputError as error:
            mistakes |= {str(each): each for each in each_mistake(error)}
    raise_mistakes(tuple(mistakes.values()))
    return found


def raise_mistakes(mistakes: Sequence[InputError]) -> None:
    """Raise a single mistake as it is and several at once; do nothing when there is none."""
    if mistakes:
        raise mistakes[0] if len(mistakes) == 1 else SeveralMistakes(mistakes)


class RulesError(PolicyMatchError):
    """The rules repository has defects; `defects` lists them all (see `policy.defects`)."""

    code = "rules"
    exit_code = 1
    http_status = 422


class StorageError(PolicyMatchError):
    """The database or the disk refused; nothing is half-visible."""

    code = "storage"
    exit_code = 3
    http_status = 503
    retry_helps = True


class QuestionError(PolicyMatchError):
    """A person must decide before work may go on."""

    code = "question"
    exit_code = 4
    http_status = 409
