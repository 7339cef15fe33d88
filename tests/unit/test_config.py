"""Settings: what a good environment gives, and one message per mistake."""

from pathlib import Path

import pytest

from policy_match import config
from policy_match.config import Config
from policy_match.errors import InputError, SeveralMistakes


def settings(tmp_path: Path, **more: str) -> dict[str, str]:
    return {config.DATA_DIR: str(tmp_path), **more}


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    made = Config.from_environment(settings(tmp_path, POLICY_MATCH_LANG="", POLICY_MATCH_DATABASE_URL=""))
    assert made.language == "en"
    assert made.database_url is None


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C", "POLICY_MATCH_LANG": "zh"}, "zh"),
    ],
)
def test_the_language_is_that_of_the_locale_unless_it_is_set(
    tmp_path: Path, locale: dict[str, str], language: str
) -> None:
    assert Config.from_environment(settings(tmp_path, **locale)).language == language


def test_a_relative_data_directory_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Config.from_environment({config.DATA_DIR: "kept"}).data_dir == tmp_path / "kept"


def test_a_misspelt_setting_names_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(config.UnknownSetting, match="did you mean POLICY_MATCH_DATABASE_URL"):
        Config.from_environment(settings(tmp_path, POLICY_MATCH_DATABSE_URL="postgresql://x/y"))


@pytest.mark.parametrize("url", ["mysql://host/db", "host:5432", "postgresql://", "http://[::1"])
def test_an_address_that_is_not_postgresql_is_refused_without_repeating_it(tmp_path: Path, url: str) -> None:
    with pytest.raises(config.WrongDatabaseUrl) as refused:
        Config.from_environment(settings(tmp_path, POLICY_MATCH_DATABASE_URL=url))
    assert "postgresql://user@host/database" in refused.value.message("zh")
    assert refused.value.fields == {}


@pytest.mark.parametrize("url", ["postgresql://u:p@h:5432/d", "postgres://h/d", "postgresql:///d?host=/run/pg"])
def test_the_usual_postgresql_addresses_are_taken_as_they_are(tmp_path: Path, url: str) -> None:
    assert Config.from_environment(settings(tmp_path, POLICY_MATCH_DATABASE_URL=url)).database_url == url


def test_a_file_cannot_be_the_data_directory(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(config.WrongDataDir, match="is not a directory"):
        Config.from_environment({config.DATA_DIR: str(file)})


def test_a_language_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(config.WrongLanguage, match="'fr'; use zh or en"):
        Config.from_environment(settings(tmp_path, POLICY_MATCH_LANG="fr"))


def test_a_variable_that_a_mapping_names_must_be_set(tmp_path: Path) -> None:
    made = Config.from_environment(settings(tmp_path, TAX_BUREAU_DSN="x"))
    assert made.variable("TAX_BUREAU_DSN", asked_by="tax.toml") == "x"
    with pytest.raises(config.VariableNotSet, match=r"tax.toml: the environment variable OTHER is not set"):
        made.variable("OTHER", asked_by="tax.toml")


def test_secrets_are_not_in_the_printed_form(tmp_path: Path) -> None:
    made = Config.from_environment(settings(tmp_path, POLICY_MATCH_DATABASE_URL="postgresql://u:9f3kq@h/d"))
    assert "9f3kq" not in repr(made)


def test_every_mistake_is_an_input_error_in_both_languages() -> None:
    mistakes = (config.UnknownSetting, config.WrongDatabaseUrl, config.WrongDataDir, config.NoDataDir)
    for mistake in (*mistakes, config.WrongLanguage, config.VariableNotSet):
        assert issubclass(mistake, InputError)
        assert mistake.english
        assert mistake.chinese != mistake.english


def test_account_keys_are_read_and_never_shown(tmp_path: Path) -> None:
    made = Config.from_environment(settings(tmp_path, POLICY_MATCH_ACCOUNT_KEYS=f"{'ab' * 32},{'cd' * 32}"))
    assert made.account_keys == (b"\xab" * 32, b"\xcd" * 32)
    assert "ab" * 32 not in repr(made)


def test_a_wrong_account_key_is_named_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(config.WrongAccountKeys) as refused:
        Config.from_environment(settings(tmp_path, POLICY_MATCH_ACCOUNT_KEYS=f"{'ab' * 32},secret"))
    assert "key 2" in refused.value.message("en")
    assert "secret" not in refused.value.message("en") + refused.value.message("zh")


def test_every_wrong_account_key_is_named() -> None:
    with pytest.raises(SeveralMistakes) as refused:
        config.parse_account_keys(f"zz,{'ab' * 32},yy", "account-keys")
    first, second = refused.value.message("en").splitlines()
    assert "account-keys: key 1" in first and "account-keys: key 3" in second


def test_payments_need_their_settings(tmp_path: Path) -> None:
    with pytest.raises(config.NoPaymentSettings, match="POLICY_MATCH_PAYMENTS"):
        _ = Config.from_environment(settings(tmp_path)).payments
    file = tmp_path / "payments.toml"
    file.write_text('channel = "treasury_file"\noutbox = "out"\n', encoding="utf-8")
    made = Config.from_environment(settings(tmp_path, POLICY_MATCH_PAYMENTS=str(file)))
    assert made.payments.outbox == tmp_path / "out"
