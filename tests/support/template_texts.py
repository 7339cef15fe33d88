"""Templates as texts, to be changed by tests."""

from collections.abc import Sequence
from pathlib import Path

from policy_match.notices.template import TemplateText

FOLDER = Path(__file__).parents[2] / "policy_match" / "notices" / "templates"


def shipped_texts() -> list[TemplateText]:
    """Return the files of the package."""
    return [
        TemplateText(file=path.name, name=path.stem, text=path.read_text(encoding="utf-8"))
        for path in sorted(FOLDER.glob("*.toml"))
    ]


def with_change(name: str, old: str, new: str, department: str = "") -> Sequence[TemplateText]:
    """Return the files of the package and a changed copy of one of them, which counts instead."""
    source = next(each for each in shipped_texts() if each.name == name)
    assert old in source.text, f"{name} does not say {old}"
    changed = TemplateText(
        file=f"own/{name}.toml", name=name, text=source.text.replace(old, new, 1), department=department
    )
    return [*shipped_texts(), changed]
