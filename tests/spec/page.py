"""The chapters of docs/language.md, in order.

Guarantees that the page and the tests read the same tables.
"""

from collections.abc import Iterator

from tests.spec.content import (
    awards,
    bands,
    comparisons,
    dates,
    glance,
    lists,
    numbers,
    parameters,
    questions,
    refusals,
    shapes,
    truths,
)
from tests.spec.model import Award, Chapter, Glance, GlanceLine, Question, Questions, Refusal, Refusals, Shape, Table

CHAPTERS: tuple[Chapter, ...] = (
    glance.CHAPTER,
    truths.CHAPTER,
    comparisons.CHAPTER,
    numbers.CHAPTER,
    dates.CHAPTER,
    bands.CHAPTER,
    parameters.CHAPTER,
    lists.CHAPTER,
    awards.CHAPTER,
    shapes.CHAPTER,
    refusals.CHAPTER,
    questions.CHAPTER,
)


def examples() -> Iterator[Table | Award]:
    """Yield every table and award of the page, those of the shapes included."""
    for chapter in CHAPTERS:
        for part in chapter.parts:
            if isinstance(part, Table | Award):
                yield part
            elif isinstance(part, Shape):
                yield from part.parts


def all_shapes() -> Iterator[Shape]:
    """Yield the shapes of policies."""
    for chapter in CHAPTERS:
        yield from (part for part in chapter.parts if isinstance(part, Shape))


def all_refusals() -> Iterator[Refusal]:
    """Yield every refused expression of the refusal tables."""
    for chapter in CHAPTERS:
        for part in chapter.parts:
            if isinstance(part, Refusals):
                yield from part.lines


def all_questions() -> Iterator[Question]:
    """Yield every question on which engines differ."""
    for chapter in CHAPTERS:
        for part in chapter.parts:
            if isinstance(part, Questions):
                yield from part.lines


def at_a_glance() -> Iterator[GlanceLine]:
    """Yield every line of the overview."""
    for chapter in CHAPTERS:
        for part in chapter.parts:
            if isinstance(part, Glance):
                yield from part.lines
