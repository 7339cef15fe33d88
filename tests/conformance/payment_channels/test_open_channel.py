"""Channels by their short names, and their settings."""

import subprocess
import sys
from pathlib import Path

import pytest

from connectors.payment_channels import CHANNELS, open_channel
from connectors.payment_channels.settings import ChannelUnknown, SettingUnfit
from tests.conformance.payment_channels.bank_files import PAYER, batch

ROOT = Path(__file__).parents[3]
SETTINGS: dict[str, dict[str, str]] = {"iso20022": PAYER, "treasury_file": {}}


@pytest.mark.parametrize("name", CHANNELS)
def test_a_channel_is_opened_by_its_name_and_writes(name: str) -> None:
    channel = open_channel(name, SETTINGS[name])
    assert channel.name == name
    written = channel.write(batch())
    assert (written.count, written.total_fen) == (batch().count, batch().total_fen)


def test_an_unknown_channel_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ChannelUnknown, match="use iso20022, treasury_file"):
        open_channel("swift", {})


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("iso20022", {}, "`payer_name` is missing"),
        ("iso20022", PAYER | {"payer_account": ""}, "`payer_account` is missing"),
        ("iso20022", PAYER | {"payer": "x"}, "`payer` is unknown"),
        ("iso20022", PAYER | {"payer_name": "长" * 141}, "more than 140"),
        ("iso20022", PAYER | {"payer_bank": "1"}, "neither 12 digits"),
        ("iso20022", PAYER | {"max_bytes": "0"}, "at least 1"),
        ("treasury_file", {"encoding": "utf-16"}, "neither utf-8 nor gb18030"),
        ("treasury_file", {"max_bytes": "20 MB"}, "whole number of bytes"),
    ],
)
def test_unfit_settings_are_refused(name: str, settings: dict[str, str], words: str) -> None:
    with pytest.raises(SettingUnfit, match=words):
        open_channel(name, settings)


def test_an_unfit_payer_account_is_not_repeated() -> None:
    with pytest.raises(SettingUnfit) as caught:
        open_channel("iso20022", PAYER | {"payer_account": "99 0000 0000"})
    assert "99 0000" not in caught.value.message("en") + caught.value.message("zh")


def test_no_library_of_a_channel_is_loaded_before_it_is_asked_for() -> None:
    code = "import sys, connectors.payment_channels; print('lxml' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
