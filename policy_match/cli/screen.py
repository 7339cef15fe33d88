"""What a command shows: tables, progress and JSON, in the language asked for.

Guarantees that results go to standard output and everything else to standard error, so that pipes stay clean.
Tables are drawn by rich, which knows that a Chinese character is two columns wide.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import click
import rich.box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from policy_match.errors import Language, PolicyMatchError
from policy_match.ports import Progress as ProgressPort

PIPE_WIDTH = 200


@dataclass(kw_only=True, slots=True)
class Screen:
    """Where a command writes. `json` asks for machine output."""

    language: Language
    json: bool = False

    def say(self, chinese: str, english: str) -> str:
        """Return the text in the language of the screen."""
        return chinese if self.language == "zh" else english

    def result(self, data: Any) -> None:
        """Write the machine output."""
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))

    def print(self, chinese: str, english: str) -> None:
        """Write a line of the human output; nothing is interpreted as markup."""
        self._console().print(self.say(chinese, english), markup=False, highlight=False, soft_wrap=True)

    def note(self, chinese: str, english: str) -> None:
        """Write a line to standard error."""
        Console(stderr=True).print(self.say(chinese, english), markup=False, highlight=False, soft_wrap=True)

    def table(
        self,
        title: str,
        columns: Sequence[tuple[str, str]],
        rows: Sequence[Sequence[str]],
        colours: Sequence[str | None] = (),
    ) -> None:
        """Draw a table; each column is a heading and `left` or `right`. `colours` gives each row one, as rich names it.

        A colour never stands alone: the row says the same in words.
        """
        drawn = Table(title=title or None, title_justify="left", box=rich.box.SIMPLE_HEAD)
        for heading, side in columns:
            drawn.add_column(heading, justify="right" if side == "right" else "left", overflow="fold")
        for row, colour in zip_longest(rows, colours):
            drawn.add_row(*(cell.replace("[", "\\[") for cell in row), style=colour)
        self._console().print(drawn)

    def error(self, error: PolicyMatchError) -> None:
        """Write an error to standard error: one line for people, an object for programs."""
        message = error.message(self.language)
        if self.json:
            fault = {"code": error.code, "message": message, "retry_helps": error.retry_helps}
            message = json.dumps({"error": fault}, ensure_ascii=False)
        click.echo(message, err=True)

    @contextmanager
    def progress(self, chinese: str, english: str) -> Iterator[ProgressPort]:
        """Give a progress bar on standard error; it draws nothing when that is not a terminal."""
        console = Console(stderr=True)
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        ) as bar:
            task = bar.add_task(self.say(chinese, english), total=None)

            def advance(done: int, total: int, /) -> None:
                bar.update(task, completed=done, total=total)

            yield advance

    def _console(self) -> Console:
        return Console() if sys.stdout.isatty() else Console(width=PIPE_WIDTH)
