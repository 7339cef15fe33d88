"""Reads the templates of notices: those of the package, and the files with which an office replaces some of them.

Guarantees that an unreadable file is named. Whether a template may be used is `notices.template`.
"""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from policy_match.notices.template import TemplateDefect, Templates, TemplateText, parse_templates

SUFFIX = ".toml"
MOST_FILES = 1_000
"""No directory of templates holds as many."""


def load_templates(overrides: Path | None = None) -> Templates:
    """Return every template. `<kind>.toml` in `overrides` replaces ours, `<department>/<kind>.toml` for one department.

    Raises `TemplateDefect`.
    """
    shipped = [
        TemplateText(file=file.name, name=file.name.removesuffix(SUFFIX), text=file.read_text(encoding="utf-8"))
        for file in (files("policy_match.notices") / "templates").iterdir()
        if file.name.endswith(SUFFIX)
    ]
    return parse_templates([*shipped, *(() if overrides is None else _of_directory(overrides))])


def _of_directory(folder: Path) -> Iterator[TemplateText]:
    if not folder.is_dir():
        raise TemplateDefect(file=str(folder), problem="is not a directory", problem_zh="不是目录")
    paths = sorted([*folder.glob(f"*{SUFFIX}"), *folder.glob(f"*/*{SUFFIX}")])
    if len(paths) > MOST_FILES:
        raise TemplateDefect(
            file=str(folder), problem=f"holds more than {MOST_FILES} files", problem_zh=f"文件超过 {MOST_FILES} 个"
        )
    for path in paths:
        name = path.relative_to(folder)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            kind = type(error).__name__
            raise TemplateDefect(
                file=str(name), problem=f"cannot be read: {kind}", problem_zh=f"无法读取：{kind}"
            ) from None
        department = name.parent.name  # empty for a file of the directory itself
        yield TemplateText(file=str(name), name=path.stem, text=text, department=department)
