"""Which encoding a file is in."""

from collections.abc import Callable, Iterable

import pytest

from policy_match.facts.defects import WrongEncoding
from policy_match.facts.encoding import find_encoding

TEXT = "信用代码,企业名称\n1,青岛甲乙丙丁戊己庚辛有限公司\n2,济南子丑寅卯辰巳午未有限公司\n"


def blocks(content: bytes, size: int = 5) -> Callable[[], Iterable[bytes]]:
    return lambda: (content[start : start + size] for start in range(0, len(content), size))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_encoding_is_found_whatever_the_blocks(encoding: str) -> None:
    for size in (1, 3, 1000):
        found = find_encoding(blocks(TEXT.encode(encoding), size), "a.csv", None)
        assert found.encoding == encoding.removesuffix("-sig")
        assert found.line_ends == 3


def test_a_byte_order_mark_of_gb18030_is_known() -> None:
    assert find_encoding(blocks(b"\x84\x31\x95\x33" + TEXT.encode("gb18030")), "a.csv", None).encoding == "gb18030"


def test_a_damaged_utf_8_file_is_not_taken_for_gb18030() -> None:
    content = TEXT.encode()
    place = content.index("子".encode())
    content, place = b"x" * 5_000 + content, place + 5_000
    damaged = content[:place] + b"\xff" + content[place:]
    with pytest.raises(WrongEncoding) as caught:
        find_encoding(blocks(damaged), "a.csv", None)
    assert caught.value.fields["offset"] == place
    assert caught.value.fields["line"] == 3


def test_bytes_in_neither_encoding_are_named_by_place() -> None:
    with pytest.raises(WrongEncoding, match=r"a\.csv: line 2, byte 4: not utf-8 or gb18030"):
        find_encoding(blocks(b"a,b\n\xff\xff"), "a.csv", None)


def test_a_declared_encoding_is_held_to() -> None:
    with pytest.raises(WrongEncoding, match="line 1, byte 0: not utf-8"):
        find_encoding(blocks(TEXT.encode("gb18030")), "a.csv", "utf-8")


def test_a_file_cut_within_a_character_is_refused() -> None:
    content = TEXT.encode()[:-2]
    with pytest.raises(WrongEncoding) as caught:
        find_encoding(blocks(content), "a.csv", "utf-8")
    assert caught.value.fields["offset"] == len(content) - 2


def test_utf_16_and_binary_files_are_told_to_be_saved_as_text() -> None:
    for content in (TEXT.encode("utf-16"), b"PK\x03\x04\x00\x00"):
        with pytest.raises(WrongEncoding, match="save it as CSV"):
            find_encoding(blocks(content, 1000), "a.csv", None)
