"""The file of notice settings: what a good one gives, and one line per mistake that repeats no value."""

from datetime import time, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from connectors.notification_channels import open_channel
from policy_match.bootstrap import Application
from policy_match.config import Config, NoNoticeSettings, VariableNotSet
from policy_match.errors import SeveralMistakes
from policy_match.notice_settings import NoticeSettings, NoticeSettingsUnfit, ProviderSettings, read_notice_settings
from policy_match.notices.delivery_rules import DeliveryRules
from policy_match.notices.model import Channel
from policy_match.notices.timing import QuietHours
from tests.support.cases import MovableClock

GOOD = """
language = "en"
order = ["wechat_work", "sms"]
templates = "wordings"

[quiet]
from = "22:30"
to = "07:00"
channels = ["sms"]

[retry]
delays = ["90s", "2h"]
most_tries = 4

[demotion]
failures = 8
percent = 25
within = "1h"
lasts = "1d"

[receipts]
within = "36h"

[[provider]]
name = "city-mail"
channel = "email"
connector = "smtp"
[provider.settings]
host = "mail.invented.example"
sender = "notices@invented.example"
username = "portal"
password_env = "INVENTED_PASSWORD"

[[provider]]
name = "letters"
channel = "letter"
connector = "letter_file"
settings = { folder = "letters", sender = "虚构区财政局" }
"""
PROVIDER = '[[provider]]\nname = "a"\nchannel = "sms"\nconnector = "sms_gateway"\n'


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "notices.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_gives_its_settings(tmp_path: Path) -> None:
    settings = read_notice_settings(written(tmp_path, GOOD))
    assert (settings.language, settings.templates, settings.folder) == ("en", tmp_path / "wordings", tmp_path)
    rules = settings.rules
    assert rules.order == (Channel.WECHAT_WORK, Channel.SMS)
    assert rules.quiet == {Channel.SMS: QuietHours(begins=time(22, 30), ends=time(7))}
    assert (rules.backoff.delays, rules.backoff.most_tries) == ((timedelta(seconds=90), timedelta(hours=2)), 4)
    assert (rules.demotion.failures, rules.demotion.share) == (8, Fraction(1, 4))
    assert (rules.demotion.within, rules.demotion.lasts) == (timedelta(hours=1), timedelta(days=1))
    assert rules.receipt_within == timedelta(hours=36)
    mail, letters = settings.providers
    assert (mail.name, mail.channel, mail.connector) == ("city-mail", Channel.EMAIL, "smtp")
    assert mail.settings["host"] == "mail.invented.example"
    assert letters.settings == {"folder": "letters", "sender": "虚构区财政局"}
    assert "mail.invented.example" not in repr(settings)


def test_an_empty_file_gives_the_documented_defaults(tmp_path: Path) -> None:
    assert read_notice_settings(written(tmp_path, "")) == NoticeSettings(folder=tmp_path, rules=DeliveryRules())


def test_the_manual_shows_the_defaults(tmp_path: Path) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "notification-channels.md").read_text(encoding="utf-8")
    shown = manual.partition("```toml\n")[2].partition("```")[0]
    settings = read_notice_settings(written(tmp_path, shown))
    assert (settings.rules, settings.language) == (DeliveryRules(), "zh")
    for each in settings.providers:
        open_channel(
            each.connector,
            channel=each.channel,
            provider=each.name,
            values=each.settings,
            secret=str.lower,
            clock=MovableClock(),
            folder=settings.folder,
        )


def test_quiet_hours_may_hold_for_nobody(tmp_path: Path) -> None:
    assert read_notice_settings(written(tmp_path, "[quiet]\nchannels = []\n")).rules.quiet == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("order = ", "cannot be read"),
        ('ordre = ["sms"]\n', "`ordre` is unknown; write order"),
        ('language = "fr"\n', "`language` must be zh or en"),
        ('order = "sms"\n', "`order` is no list of different channels"),
        ('order = ["sms", "sms"]\n', "`order` is no list of different channels"),
        ('order = ["inbox"]\n', "`order` is no list of different channels"),
        ('order = [["sms"]]\n', "`order` is no list of different channels"),
        ('templates = ""\n', "`templates` is missing or no text"),
        ("quiet = 1\n", "`quiet` is written as [quiet]"),
        ('[quiet]\nform = "21:00"\n', "[quiet] `form` is unknown; write from"),
        ('[quiet]\nfrom = "24:00"\n', "[quiet] `from` is no time of day"),
        ("[quiet]\nto = 08:00:00\n", "[quiet] `to` is no time of day"),
        ('[quiet]\nfrom = "08:00"\n', "`from` and `to` are the same"),
        ("[retry]\ndelays = []\n", "`delays` is no list"),
        ('[retry]\ndelays = ["0m"]\n', "`delays` is no time such as"),
        ('[retry]\ndelays = ["15d"]\n', "`delays` is no time such as"),
        ("[retry]\ndelays = [60]\n", "`delays` is no time such as"),
        ("[retry]\nmost_tries = 0\n", "`most_tries` is no whole number from 1 to 20"),
        ("[retry]\nmost_tries = true\n", "`most_tries` is no whole number"),
        ("[demotion]\npercent = 101\n", "`percent` is no whole number from 1 to 100"),
        ('[demotion]\nlasts = "1w"\n', "`lasts` is no time such as"),
        ('[receipts]\nwithin = "3 days"\n', "`within` is no time such as"),
        ("provider = 1\n", "providers are written as [[provider]]"),
        ('[[provider]]\nname = "a"\nchannel = "sms"\n', "[[provider]] 1 `connector` is missing"),
        (PROVIDER + PROVIDER, "[[provider]] 2 has the name of another one"),
        (PROVIDER.replace('"a"', '"A B"'), "[[provider]] 1 `name` must be small letters"),
        (PROVIDER.replace('"a"', '"inbox"'), "[[provider]] 1 `name` must be small letters"),
        (PROVIDER.replace('"sms"', '"inbox"'), "[[provider]] 1 `channel` is none of email"),
        (PROVIDER + "timeout = 1\n", "[[provider]] 1 `timeout` is unknown"),
        (PROVIDER + "[provider.settings]\nport = 25\n", "settings hold texts only"),
        (PROVIDER + '[provider.settings]\nsecret_env = "s3cret!"\n', "`secret_env` is not the name of an environment"),
        (PROVIDER * 51, "more than 50 providers"),
    ],
)
def test_a_mistake_is_one_line_without_values(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(NoticeSettingsUnfit) as refused:
        read_notice_settings(written(tmp_path, text))
    english, chinese = refused.value.message("en"), refused.value.message("zh")
    assert message in english
    assert "notices.toml" in english and "notices.toml" in chinese
    assert "s3cret" not in english + chinese
    assert "\n" not in english + chinese


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoticeSettingsUnfit, match=r"none\.toml"):
        read_notice_settings(tmp_path / "none.toml")


def test_without_a_file_the_error_names_variable_and_manual(tmp_path: Path) -> None:
    with Application(Config(data_dir=tmp_path)) as application, pytest.raises(NoNoticeSettings) as refused:
        _ = application.notification_channels
    assert refused.value.code == "config-no-notices"
    for language in ("en", "zh"):
        assert "POLICY_MATCH_NOTICES" in refused.value.message(language)
        assert "docs/notification-channels.md" in refused.value.message(language)


def test_the_application_opens_the_channel_of_each_provider_in_order(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    environ = {"POLICY_MATCH_DATA_DIR": str(tmp_path), "POLICY_MATCH_NOTICES": str(path), "INVENTED_PASSWORD": "x"}
    with Application(Config.from_environment(environ)) as application:
        assert [channel.name for channel in application.notification_channels] == ["city-mail", "letters"]
        assert application.notice_settings.providers[0] == ProviderSettings(
            name="city-mail",
            channel=Channel.EMAIL,
            connector="smtp",
            settings=application.notice_settings.providers[0].settings,
        )
    environ.pop("INVENTED_PASSWORD")
    with (
        Application(Config.from_environment(environ)) as application,
        pytest.raises(VariableNotSet, match="city-mail: the environment variable INVENTED_PASSWORD"),
    ):
        _ = application.notification_channels


def test_every_mistake_is_a_line_of_its_own(tmp_path: Path) -> None:
    wrong = """
ordre = ["sms"]
languages = "en"
[quiet]
from = "24:00"
to = "25:00"
[retry]
delays = ["0m", "1h", "x"]
most_tries = 0
[[provider]]
name = "a"
channel = "pigeon"
[provider.settings]
secret_env = "s3cret!"
"""
    with pytest.raises(SeveralMistakes) as refused:
        read_notice_settings(written(tmp_path, wrong))
    lines = refused.value.message("en").splitlines()
    assert all(line.startswith("notices.toml: ") for line in lines)
    keys = ("ordre", "languages", "from", "to", "most_tries", "channel", "connector", "secret_env")
    assert [sum(f"`{key}`" in line for line in lines) for key in keys] == [1] * len(keys)
    assert sum("`delays`" in line for line in lines) == 2
    assert len(lines) == len(keys) + 2


def test_what_a_connector_does_not_take_is_told_with_the_file_for_every_provider(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace('"smtp"', '"pigeon"').replace("folder = ", "folders = "))
    environ = {"POLICY_MATCH_DATA_DIR": str(tmp_path), "POLICY_MATCH_NOTICES": str(path)}
    with Application(Config.from_environment(environ)) as application, pytest.raises(SeveralMistakes) as refused:
        _ = application.notification_channels
    first, second = refused.value.message("en").splitlines()
    assert first.startswith("notices.toml: ") and "pigeon" in first
    assert second.startswith("notices.toml: ") and "letters" in second
