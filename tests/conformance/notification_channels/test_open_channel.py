"""Connectors by their short names, and their settings."""

import subprocess
import sys
from pathlib import Path

import pytest

from connectors.notification_channels import CONNECTORS, open_channel
from connectors.notification_channels.settings import ChannelUnknown, SettingUnfit
from policy_match.config import Config, VariableNotSet
from policy_match.notices.model import Channel
from policy_match.ports.notices import NotificationChannel
from tests.conformance.notification_channels.providers import NOW
from tests.support.cases import MovableClock

ROOT = Path(__file__).parents[3]
MAIL = {"host": "mail.invented.example", "sender": "notices@invented.example"}
GATEWAY = {"url": "https://gateway.invented.example", "secret_env": "INVENTED_SECRET"}
LETTERS = {"folder": "letters", "sender": "虚构区财政局"}
FIT: dict[str, dict[str, str]] = {
    "smtp": MAIL,
    "sms_gateway": GATEWAY,
    "wechat_work": {},
    "dingtalk": {},
    "letter_file": LETTERS,
}
VARIABLES = {"INVENTED_SECRET": "invented secret", "INVENTED_PASSWORD": "invented 口令"}


def opened(connector: str, values: dict[str, str], channel: Channel | None = None) -> NotificationChannel:
    return open_channel(
        connector,
        channel=channel or (CONNECTORS[connector][0] if connector in CONNECTORS else Channel.SMS),
        provider="invented-provider",
        values=values,
        secret=VARIABLES.__getitem__,
        clock=MovableClock(NOW),
        folder=Path("/invented"),
    )


@pytest.mark.parametrize("connector", CONNECTORS)
def test_a_channel_is_opened_by_its_name_and_connects_nowhere_yet(connector: str) -> None:
    channel = opened(connector, FIT[connector])
    assert (channel.name, channel.channel) == ("invented-provider", CONNECTORS[connector][0])
    with channel.open():
        pass


def test_an_unknown_connector_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ChannelUnknown, match="use smtp, sms_gateway"):
        opened("fax", {})


@pytest.mark.parametrize("connector", CONNECTORS)
def test_a_connector_serves_its_own_channel_only(connector: str) -> None:
    other = Channel.LETTER if connector != "letter_file" else Channel.EMAIL
    with pytest.raises(SettingUnfit, match=f"is not {CONNECTORS[connector][0]}"):
        opened(connector, FIT[connector], other)


@pytest.mark.parametrize("connector", CONNECTORS)
def test_an_unknown_setting_is_named(connector: str) -> None:
    with pytest.raises(SettingUnfit, match="`passwort` is unknown; the settings are"):
        opened(connector, FIT[connector] | {"passwort": "invented secret"})


@pytest.mark.parametrize(
    ("connector", "values", "words"),
    [
        ("smtp", {"host": "x"}, "`sender` is missing"),
        ("smtp", MAIL | {"host": ""}, "`host` is missing"),
        ("smtp", MAIL | {"tls": "ssl"}, "`tls` is none of none, starttls, tls"),
        ("smtp", MAIL | {"port": "0"}, "`port` is not a whole number"),
        ("smtp", MAIL | {"port": "²"}, "`port` is not a whole number"),
        ("smtp", MAIL | {"timeout_seconds": "601"}, "from 1 to 600"),
        ("smtp", MAIL | {"sender": "notices"}, "`sender` is no e-mail address"),
        ("smtp", MAIL | {"sender": "张三@invented.example"}, "`sender` is no e-mail address"),
        ("smtp", MAIL | {"reply_to": "a@b\r\nBcc: c"}, "`reply_to` is no e-mail address"),
        ("smtp", MAIL | {"unsubscribe": "javascript:x"}, "`unsubscribe` begins neither"),
        ("smtp", MAIL | {"unsubscribe": "mailto:a@b>\r\nX: y"}, "`unsubscribe` begins neither"),
        ("smtp", MAIL | {"username": "u"}, "belong together"),
        ("smtp", MAIL | {"password_env": "INVENTED_SECRET"}, "belong together"),
        ("smtp", MAIL | {"tls": "none", "username": "u", "password_env": "INVENTED_SECRET"}, "must not be none"),
        ("smtp", MAIL | {"username": "u", "password_env": "INVENTED_PASSWORD"}, "not ASCII"),
        ("smtp", MAIL | {"ca_file": "none.pem"}, "`ca_file` names no file of certificates"),
        ("smtp", MAIL | {"bounces": "bounces"}, "`bounce_secret_env` is missing"),
        ("sms_gateway", {"url": "https://x.example"}, "`secret_env` is missing"),
        ("sms_gateway", GATEWAY | {"url": "http://gateway.invented.example"}, "must begin with https"),
        ("sms_gateway", GATEWAY | {"url": "http://127.0.0.1.invented.example"}, "must begin with https"),
        ("sms_gateway", GATEWAY | {"url": "https://user:pw@x.example"}, "`url` is no address"),
        ("sms_gateway", GATEWAY | {"url": "https://x.example?key=1"}, "`url` is no address"),
        ("sms_gateway", GATEWAY | {"url": "https://x.example:99999"}, "`url` is no address"),
        ("sms_gateway", GATEWAY | {"url": "https://x.example/a b"}, "`url` is no address"),
        ("sms_gateway", GATEWAY | {"url": "https://[::1"}, "`url` is no address"),
        ("sms_gateway", GATEWAY | {"ca_file": "none.pem"}, "`ca_file` names no file of certificates"),
        ("sms_gateway", GATEWAY | {"url": "gateway"}, "`url` is no address"),
        ("sms_gateway", GATEWAY | {"receipt_days": "0"}, "`receipt_days` is not a whole number"),
        ("wechat_work", {"url": "ftp://x.example"}, "must begin with https"),
        ("dingtalk", {"timeout_seconds": "1.5"}, "`timeout_seconds` is not a whole number"),
        ("letter_file", {"folder": "x"}, "`sender` is missing"),
    ],
)
def test_an_unfit_setting_is_named_and_its_value_is_not(connector: str, values: dict[str, str], words: str) -> None:
    with pytest.raises(SettingUnfit, match=words) as refused:
        opened(connector, values)
    said = refused.value.message("en") + refused.value.message("zh")
    assert "invented secret" not in said and "user:pw" not in said and "invented 口令" not in said
    assert "invented-provider" in refused.value.message("zh")


def test_a_secret_that_is_not_set_is_named_by_its_variable() -> None:
    config = Config(data_dir=Path("/invented"))
    with pytest.raises(VariableNotSet, match="INVENTED_SECRET"):
        open_channel(
            "sms_gateway",
            channel=Channel.SMS,
            provider="sms",
            values=GATEWAY,
            secret=lambda name: config.variable(name, "sms"),
            clock=MovableClock(NOW),
            folder=Path(),
        )


def test_no_library_of_a_channel_is_loaded_before_it_is_asked_for() -> None:
    code = "import sys, connectors.notification_channels; print({'smtplib', 'http.client'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "set()"
