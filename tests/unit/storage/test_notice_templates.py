"""Templates are read from the package, and from the folder of an office that words some of them itself."""

from pathlib import Path

import pytest

from policy_match.cases.model import NoticeKind
from policy_match.notices.template import TemplateDefect, trial_values
from policy_match.storage.notice_templates import load_templates
from tests.support.template_texts import FOLDER


def own(folder: Path, name: str, old: str, new: str) -> Path:
    """Write a changed copy of a template of the package."""
    text = (FOLDER / Path(name).name).read_text(encoding="utf-8")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def subject(folder: Path | None, department: str) -> str:
    """Return the beginning of the subject of a payment."""
    template = load_templates(folder).choose(NoticeKind.PAID, "zh", department)
    return template.render(next(trial_values(NoticeKind.PAID, "zh"))).subject[:3]


def test_a_file_in_the_folder_replaces_ours_for_all_and_one_below_it_for_its_department(tmp_path: Path) -> None:
    own(tmp_path, "paid.toml", "已付款", "款已付")
    own(tmp_path, "人社局/paid.toml", "已付款", "钱已付")
    assert [subject(tmp_path, department) for department in ("人社局", "科技局")] == ["钱已付", "款已付"]
    assert subject(None, "人社局") == "已付款"


def test_a_wrong_file_is_named_with_its_folder(tmp_path: Path) -> None:
    own(tmp_path, "人社局/paid.toml", "{{ paid_to }}", "{{ paid_too }}")
    with pytest.raises(TemplateDefect, match=r"人社局/paid\.toml: \[zh\] body: field `paid_too`"):
        load_templates(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateDefect, match="is not a directory"):
        load_templates(tmp_path / "nowhere")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "paid.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(TemplateDefect, match=r"paid\.toml: cannot be read: UnicodeDecodeError"):
        load_templates(tmp_path)
