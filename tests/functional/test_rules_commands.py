"""`policy-match rules` and the command's own manners: help, language, exit codes."""

import json
import shutil
from pathlib import Path

import pytest

from tests.functional.conftest import ROOT, Command


@pytest.fixture
def my_rules(tmp_path: Path) -> Path:
    """A copy of the rules that a test may spoil."""
    return Path(shutil.copytree(ROOT / "rules", tmp_path / "rules"))


def spoil(rules: Path, file: str, old: str, new: str) -> Path:
    path = rules / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


P11 = "000000/taxation/cit-small-low-profit.toml"
P11_CASES = "000000/taxation/cit-small-low-profit.cases.toml"


def test_the_shipped_rules_are_sound(command: Command) -> None:
    ended = command("rules", "check")
    assert (ended.code, ended.err) == (0, "")
    assert "policies" in ended.out


def test_the_shipped_cases_pass(command: Command) -> None:
    ended = command("rules", "test", "--json")
    assert ended.code == 0
    assert json.loads(ended.out)["cases"] > 400


def test_a_misspelt_fact_is_named_with_file_line_and_the_nearest(command: Command, my_rules: Path) -> None:
    path = spoil(my_rules, "definitions/firm.toml", "annual_taxable_income <=", "anual_taxable_income <=")
    ended = command("rules", "check", "--rules", my_rules)
    assert ended.code == 1
    assert ended.out == ""
    line = next(line for line in ended.err.splitlines() if "anual_taxable_income" in line)
    assert line.startswith(f"{path}:")
    assert "did you mean `annual_taxable_income`?" in line


def test_a_misspelt_key_is_named_at_its_own_line(command: Command, my_rules: Path) -> None:
    path = spoil(my_rules, P11, "delivery =", "delivry =")
    number = path.read_text(encoding="utf-8").split("delivry =")[0].count("\n") + 1
    ended = command("rules", "check", "--rules", my_rules)
    assert f"{path}:{number}: unknown key `delivry`; did you mean `delivery`?" in ended.err.splitlines()


def test_messages_come_in_chinese_when_asked(command: Command, my_rules: Path) -> None:
    spoil(my_rules, P11, "delivery =", "delivry =")
    assert "未知的键“delivry”" in command("rules", "check", "--rules", my_rules, "--lang", "zh").err


def test_a_policy_without_cases_fails_the_check_but_not_the_loading(command: Command, my_rules: Path) -> None:
    (my_rules / P11_CASES).unlink()
    ended = command("rules", "check", "--rules", my_rules)
    assert ended.code == 1
    assert "cit-small-low-profit.cases.toml" in ended.err


def test_a_case_that_the_rules_do_not_meet_is_named_with_both_results(command: Command, my_rules: Path) -> None:
    path = spoil(my_rules, P11_CASES, 'outcome = "eligible"', 'outcome = "ineligible"')
    text = path.read_text(encoding="utf-8").split('outcome = "ineligible"', 1)
    first = text[1].split("\n")
    amount = next(index for index, line in enumerate(first) if line.startswith("amount"))
    path.write_text('outcome = "ineligible"'.join([text[0], "\n".join(first[:amount] + first[amount + 1 :])]), "utf-8")
    ended = command("rules", "test", "--rules", my_rules)
    assert ended.code == 1
    assert "expected ineligible, but the rules give eligible" in ended.err


def test_a_folder_without_rules_is_one_clear_line(command: Command, tmp_path: Path) -> None:
    ended = command("rules", "check", "--rules", tmp_path)
    assert ended.code == 1
    assert "facts.toml" in ended.err


def test_an_error_is_an_object_for_programs(command: Command, tmp_path: Path) -> None:
    ended = command("rules", "check", "--rules", tmp_path, "--json")
    assert json.loads(ended.err)["error"]["code"] == "rules.defective"


@pytest.mark.parametrize("words", [[], ["rules"], ["sweep"], ["sweeps"], ["explain"], ["import"], ["demo"]])
def test_help_teaches_by_example(command: Command, words: list[str]) -> None:
    ended = command(*words, "--help")
    assert ended.code == 0
    assert "Usage" in ended.out


def test_an_unknown_command_is_a_usage_error(command: Command) -> None:
    assert command("swep").code == 2


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_printed_for_each_shell(command: Command, shell: str) -> None:
    ended = command("completion", shell)
    assert ended.code == 0
    assert "_POLICY_MATCH_COMPLETE" in ended.out
