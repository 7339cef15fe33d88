"""The page of the manual on sending names every code that people meet there."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import pytest

from policy_match.notices.channel_choice import NoWay
from policy_match.notices.receipts import ReceiptVerdict
from policy_match.services.repair_notices import FindingKind
from policy_match.services.send_notices import RunEnd

PAGE = Path(__file__).parents[3] / "docs" / "notice-sending.md"


@pytest.mark.parametrize("codes", [NoWay, ReceiptVerdict, FindingKind, RunEnd])
def test_every_code_has_its_line_in_the_manual(codes: Iterable[StrEnum]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [code for code in codes if f"| `{code}` |" not in text] == []
