"""The file of payment settings: what a good one gives, and one line per mistake that repeats no value."""

from datetime import date
from pathlib import Path

import pytest

from policy_match.errors import SeveralMistakes
from policy_match.payment_settings import PaymentSettingsUnfit, read_payment_settings

GOOD = """
channel = "iso20022"
outbox = "outbox"
cut_off = "12-20"

[settings]
payer_name = "虚构区财政局"
payer_account = "999900001111"
payer_bank = "102100099996"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "payments.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_gives_its_settings(tmp_path: Path) -> None:
    settings = read_payment_settings(written(tmp_path, GOOD))
    assert settings.channel == "iso20022"
    assert settings.outbox == tmp_path / "outbox"
    assert settings.cut_off_in(2026) == date(2026, 12, 20)
    assert settings.settings["payer_bank"] == "102100099996"
    assert "999900001111" not in repr(settings)


def test_the_cut_off_is_christmas_unless_it_is_set(tmp_path: Path) -> None:
    settings = read_payment_settings(written(tmp_path, 'channel = "treasury_file"\noutbox = "/out"\n'))
    assert settings.cut_off_in(2027) == date(2027, 12, 25)
    assert settings.outbox == Path("/out")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("channel = ", "cannot be read"),
        ('channel = "x"\nchanel = "x"\noutbox = "o"\n', "`chanel` is unknown; write channel"),
        ('outbox = "o"\n', "`channel` is missing"),
        ('channel = "x"\noutbox = ""\n', "`outbox` is missing"),
        ('channel = "x"\noutbox = "o"\ncut_off = "12-32"\n', "MM-DD"),
        ('channel = "x"\noutbox = "o"\ncut_off = "02-29"\n', "MM-DD"),
        ('channel = "x"\noutbox = "o"\ncut_off = 1225\n', "MM-DD"),
        ('channel = "x"\noutbox = "o"\n[settings]\npayer_account = 999900001111\n', "texts only"),
    ],
)
def test_a_mistake_is_one_line_without_values(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PaymentSettingsUnfit) as refused:
        read_payment_settings(written(tmp_path, text))
    assert message in refused.value.message("en")
    assert "999900001111" not in refused.value.message("en") + refused.value.message("zh")
    assert "\n" not in refused.value.message("zh")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PaymentSettingsUnfit, match=r"none\.toml"):
        read_payment_settings(tmp_path / "none.toml")


def test_an_inbox_is_beside_the_file_and_none_when_it_is_not_named(tmp_path: Path) -> None:
    assert read_payment_settings(written(tmp_path, GOOD)).inbox is None
    named = GOOD.replace("[settings]", 'inbox = "inbox"\n[settings]')
    assert read_payment_settings(written(tmp_path, named)).inbox == tmp_path / "inbox"
    with pytest.raises(PaymentSettingsUnfit, match="inbox"):
        read_payment_settings(written(tmp_path, GOOD.replace("[settings]", "inbox = 7\n[settings]")))


def test_every_mistake_is_a_line_of_its_own(tmp_path: Path) -> None:
    wrong = 'chanel = "x"\noutbox = 1\ninbox = 7\ncut_off = "12-32"\n[settings]\npayer_account = 1\n'
    with pytest.raises(SeveralMistakes) as refused:
        read_payment_settings(written(tmp_path, wrong))
    lines = refused.value.message("en").splitlines()
    assert len(lines) == 6
    assert all(line.startswith("payments.toml: ") for line in lines)
