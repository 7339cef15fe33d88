"""A TOML file of settings while it is read, and all that is wrong in it.

Guarantees that every mistake names the file, and that all of them are told at once. What a file may say is left to its
reader.
"""

import difflib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from policy_match.errors import InputError, SettingError, raise_mistakes

Note = Callable[[str, str], None]
"""Takes a mistake, in English and in Chinese."""


class FileUnfit(SettingError):
    """A file of settings cannot be used. Those of each kind of file say where it is explained."""


class SettingsFile:
    """One file. Its reader notes what is wrong, goes on with the default, and at the end lets all be told."""

    def __init__(self, path: Path, unfit: type[FileUnfit]) -> None:
        self._path, self._unfit = path, unfit
        self._mistakes: list[InputError] = []

    def content(self) -> dict[str, Any]:
        """Return what the file says. Raises a `FileUnfit` when it is not there, or no TOML."""
        try:
            return tomllib.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            kind = type(error).__name__
            self.note(f"cannot be read: {kind}", f"无法读取：{kind}")
            raise self._mistakes[-1] from None

    def note(self, problem: str, problem_zh: str) -> None:
        """Keep a mistake."""
        self.noting(self._unfit)(problem, problem_zh)

    def noting(self, unfit: type[FileUnfit]) -> Note:
        """Return what keeps mistakes of another kind, for a part that is explained elsewhere."""

        def note(problem: str, problem_zh: str) -> None:
            self._mistakes.append(unfit(file=self._path.name, problem=problem, problem_zh=problem_zh))

        return note

    @property
    def is_good(self) -> bool:
        """Whether nothing was noted."""
        return not self._mistakes

    def tell(self) -> None:
        """Raise what was noted, `SeveralMistakes` when it is more than one."""
        raise_mistakes(self._mistakes)

    def check_keys(self, where: str, table: Mapping[str, Any], keys: Sequence[str]) -> None:
        """Note each key that means nothing."""
        for key in sorted(table.keys() - set(keys)):
            nearest = difflib.get_close_matches(key, keys, n=1)
            known = nearest[0] if nearest else ", ".join(keys)
            self.note(f"{where}`{key}` is unknown; write {known}", f"{where}未知项“{key}”；应为：{known}")

    def table(self, name: str, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a table, an empty one when it is not given."""
        found = content.get(name, {})
        if isinstance(found, dict):
            return found
        self.note(f"`{name}` is written as [{name}]", f"“{name}”应写作 [{name}]")
        return {}
