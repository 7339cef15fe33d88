"""Whatever stands in the files, loading gives rules or a list of defects with a place each; never anything else."""

import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_match.policy.defects import RulesDefective
from policy_match.services.rule_checks import run_cases
from tests.support.rules_folder import SOUND, RulesFolder

VALUES = [
    *("1", "-1", "0", "1.5", "nan", "inf", "-0.0", "1e400", "true", "2025-01-01", "2025-01-01T00:00:00", "12:00:00"),
    *('""', '"x"', '"employees > 1"', '"\\u0000"', '"loan"', '"table"', '"code_list"', '"one\\ntwo"', "'''\nx'''"),
    *("[]", "[1]", '["x"]', '[""]', "[[1]]", "{}", "{ x = 1 }", "[{}]", "[{ x = 1 }]", '"is_open"', '"0001-01-01"'),
]


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, str]:
    """The sound repository with a few lines changed, dropped, doubled or swapped."""
    texts = dict(SOUND)
    for _ in range(draw(st.integers(1, 3))):
        file = draw(st.sampled_from(sorted(texts)))
        lines = texts[file].splitlines()
        place = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["value", "value", "value", "key", "drop", "double", "swap", "header", "noise"])):
            case "value":
                lines[place] = lines[place].partition("=")[0] + "= " + draw(st.sampled_from(VALUES))
            case "key":
                lines[place] = draw(st.sampled_from(["type", "value", "rows", "x", "per", "cap"])) + " = 1"
            case "drop":
                del lines[place]
            case "double":
                lines.insert(place, lines[place])
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[place], lines[other] = lines[other], lines[place]
            case "header":
                lines[place] = draw(st.sampled_from(["[x]", "[[x]]", "[version]", "[[version]]", "[employees.x]"]))
            case _:
                lines[place] += draw(st.text(max_size=5))
        texts[file] = "\n".join(lines)
    return texts


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> RulesFolder:
    return RulesFolder(tmp_path_factory.mktemp("rules"))


def assert_rules_or_defects(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            run_cases(path)
        except RulesDefective as defective:
            for language in ("en", "zh"):
                messages = defective.message(language).splitlines()
                assert len(messages) == len(defective.defects)  # noqa: PT017
                assert all(message.startswith(path.as_posix()) for message in messages)


FEWER = settings(max_examples=max(1, settings().max_examples // 2))
"""A whole repository is loaded for each example."""


@FEWER
@given(texts=spoilt())
def test_any_spoilt_repository_gives_rules_or_defects(folder: RulesFolder, texts: dict[str, str]) -> None:
    for file, text in texts.items():
        (folder.path / file).write_bytes(text.encode())
    assert_rules_or_defects(folder.path)


@FEWER
@given(file=st.sampled_from(sorted(SOUND)), text=st.binary(max_size=40))
def test_any_bytes_give_rules_or_defects(folder: RulesFolder, file: str, text: bytes) -> None:
    for other, sound in SOUND.items():
        (folder.path / other).write_bytes(sound.encode())
    (folder.path / file).write_bytes(text)
    assert_rules_or_defects(folder.path)
