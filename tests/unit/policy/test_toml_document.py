"""The line of every key, whatever way of writing TOML was chosen."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_match.policy.defects import RuleDefect
from policy_match.policy.toml_document import Key, TomlDocument, read_toml


@pytest.fixture
def read(tmp_path: Path) -> "Read":
    return Read(tmp_path / "some.toml")


class Read:
    """Writes a text and reads it back as a document."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, text: str) -> TomlDocument:
        self._path.write_bytes(text.encode())
        return read_toml(self._path, "some.toml")


def lines(document: TomlDocument, *keys: Key) -> list[int]:
    return [document.line(key) for key in keys]


def test_keys_and_tables(read: Read) -> None:
    document = read("a = 1\n\n# why\n[t]\nb = 2\n[t.u]\nc = 3\n")
    assert lines(document, ("a",), ("t",), ("t", "b"), ("t", "u"), ("t", "u", "c")) == [1, 4, 5, 6, 7]


def test_arrays_of_tables_count_their_elements(read: Read) -> None:
    document = read("[[v]]\na = 1\n[[v]]\na = 2\n[[v]]\n")
    assert lines(document, ("v", 0), ("v", 0, "a"), ("v", 1), ("v", 1, "a"), ("v", 2)) == [1, 2, 3, 4, 5]


def test_nested_arrays_of_tables_belong_to_the_last_element(read: Read) -> None:
    document = read(
        "[[v]]\n  [[v.c]]\n  id = 1\n  [[v.c]]\n  id = 2\n[[v]]\n  [[v.c]]\n  id = 3\n    [v.c.f]\n    x = 1\n"
        "    [[v.c.g]]\n    y = 1\n"
    )
    assert lines(document, ("v", 0, "c", 0, "id"), ("v", 0, "c", 1), ("v", 0, "c", 1, "id")) == [3, 4, 5]
    assert lines(document, ("v", 1), ("v", 1, "c", 0), ("v", 1, "c", 0, "id")) == [6, 7, 8]
    assert lines(document, ("v", 1, "c", 0, "f"), ("v", 1, "c", 0, "f", "x")) == [9, 10]
    assert lines(document, ("v", 1, "c", 0, "g", 0), ("v", 1, "c", 0, "g", 0, "y")) == [11, 12]


def test_dotted_and_quoted_keys(read: Read) -> None:
    document = read('a.b.c = 1\n\'x y\' = 2\n"q\\u0041"."d.e" = 3\n["t.u".v]\n\'13\' = 4\n')
    assert document.data == {"a": {"b": {"c": 1}}, "x y": 2, "qA": {"d.e": 3}, "t.u": {"v": {"13": 4}}}
    assert lines(document, ("a", "b", "c"), ("x y",), ("qA", "d.e"), ("t.u", "v"), ("t.u", "v", "13")) == [
        1,
        2,
        3,
        4,
        5,
    ]


def test_inline_tables_and_arrays_of_them(read: Read) -> None:
    document = read(
        "a = 1\nt = { b = 1, c = { d = 2 } }\nv = [ # why\n  { x = 1 },\n  # why\n  { x = 2, y = [{ z = 3 }] },\n]\n"
    )
    assert lines(document, ("t", "b"), ("t", "c", "d")) == [2, 2]
    assert lines(document, ("v", 0, "x"), ("v", 1, "x"), ("v", 1, "y", 0, "z")) == [4, 6, 6]


def test_text_over_several_lines_does_not_shift_what_follows(read: Read) -> None:
    document = read("a = \"\"\"\n[not.a.table]\nb = 1\n\"\"\"\nb = '''\nx = 1\n'''\nc = [\n  1,\n  2,\n]\nd = 1\n")
    assert lines(document, ("a",), ("b",), ("c",), ("d",)) == [1, 5, 8, 12]


def test_windows_line_ends(read: Read) -> None:
    document = read("a = 1\r\nb = 2\r\n[t]\r\nc = 3\r\n")
    assert lines(document, ("a",), ("b",), ("t", "c")) == [1, 2, 4]


def test_what_is_not_there_has_the_line_of_the_table_around_it(read: Read) -> None:
    document = read("a = 1\n[t]\nb = 1\n[[v]]\nc = 1\n")
    assert lines(document, ("t", "zzz"), ("v", 0, "zzz"), ("v",), ("zzz",), ()) == [2, 4, 4, 1, 1]


def test_a_table_that_is_only_a_prefix_of_another(read: Read) -> None:
    assert lines(read("a = 1\n[t.u.v]\nb = 1\n"), ("t", "u", "v", "b"), ("t",)) == [3, 1]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \n", 2),
        ("a = 1\n[t\n", 2),
        ("a = 1\na = 2\n", 2),
        ("a = 2025-13-01\n", 1),
        ('a = "\n', 1),
        ("a = 1\nb = [1,\n", 3),
        ('a = """\n\n', 3),
        ("\ufeffa = 1\n", 1),
        ("a = " + "[" * 5_000 + "]" * 5_000, 1),
        (".".join(["a"] * 5_000) + " = 1", 1),
        ("a = " + "9" * 5_000, 1),
        ("a = 1e" + "9" * 40, 1),
    ],
)
def test_what_is_not_toml_is_one_defect_with_a_line(read: Read, text: str, line: int) -> None:
    with pytest.raises(RuleDefect) as refused:
        read(text)
    assert refused.value.line == line
    assert refused.value.message("en").startswith(f"some.toml:{line}: not valid TOML: ")
    assert len(refused.value.message("zh").splitlines()) == 1


def test_a_missing_file_is_a_defect(tmp_path: Path) -> None:
    with pytest.raises(RuleDefect, match=r"some\.toml:1: cannot be read: No such file"):
        read_toml(tmp_path / "nothing.toml", "some.toml")


NAMES = st.sampled_from(["a", "b", "c", '"d.e"', "'f g'"])
DOTTED = st.lists(NAMES, min_size=1, max_size=3).map(".".join)
VALUES = st.sampled_from(
    ["1", "1.5", "true", "2025-01-01", '"text"', "'''\ntwo\nlines'''", "[]", "[1,\n 2]", "{ x = 1 }", "[{ x = 1 }]"]
)
LINES = st.one_of(
    st.tuples(DOTTED, VALUES).map(" = ".join),
    DOTTED.map("[{}]".format),
    DOTTED.map("[[{}]]".format),
    st.sampled_from(["", "# why"]),
)


def places(value: object, key: Key) -> list[Key]:
    """Return every key below a value that some text wrote."""
    match value:
        case dict():
            return [key, *(place for name, item in value.items() for place in places(item, (*key, name)))]
        case list():
            return [key, *(place for number, item in enumerate(value) for place in places(item, (*key, number)))]
        case _:
            return [key]


@given(st.lists(LINES, max_size=12).map("\n".join))
def test_every_key_of_any_document_has_a_line_of_it(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(text.encode())
    try:
        document = read_toml(path, "any.toml")
    except RuleDefect:
        return
    count = text.count("\n") + 1
    assert all(1 <= document.line(place) <= count for place in places(document.data, ()))
