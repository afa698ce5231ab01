"""ClickHouse's TabSeparated format: what was written is what is read."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.observe.tabseparated import decode_rows, flag, literal, nullable, text

# By ClickHouse's documentation of the format.
ESCAPES = {"\b": "\\b", "\f": "\\f", "\r": "\\r", "\n": "\\n", "\t": "\\t", "\0": "\\0", "'": "\\'", "\\": "\\\\"}


def escaped(value: str) -> bytes:
    return value.translate(str.maketrans(ESCAPES)).encode()


class TestText:
    @given(st.text())
    def test_is_what_was_written(self, value: str) -> None:
        assert text(escaped(value)) == value

    @pytest.mark.parametrize(
        ("cell", "value"),
        [
            (rb"\\n", "\\n"),
            (rb"\\\n", "\\\n"),
            (rb"\\\\", "\\\\"),
            (rb"\\N", "\\N"),
            (rb"\'", "'"),
            (b"", ""),
            (b"N", "N"),
        ],
    )
    def test_of_backslashes_is_read_from_the_left(self, cell: bytes, value: str) -> None:
        assert text(cell) == value

    @given(st.binary(), st.binary())
    def test_of_different_bytes_is_different(self, one: bytes, other: bytes) -> None:
        cells = [part.replace(b"\\", b"\\\\") for part in (one, other)]
        assert (text(cells[0]) == text(cells[1])) == (one == other)
        assert text(cells[0]).encode(errors="surrogateescape") == one


class TestNull:
    def test_is_none_and_no_text_is(self) -> None:
        decode = nullable(text)
        assert [decode(cell) for cell in (rb"\N", rb"\\N", b"", b"NULL")] == [None, "\\N", "", "NULL"]

    def test_is_told_from_zero(self) -> None:
        assert [nullable(int)(cell) for cell in (rb"\N", b"0", b"-5")] == [None, 0, -5]


class TestNumbers:
    @given(st.floats())
    def test_are_the_same_double(self, value: float) -> None:
        read = nullable(float)(repr(value).encode())
        assert repr(read) == repr(value)

    def test_without_a_value_are_known_by_their_words(self) -> None:
        assert [nullable(float)(cell) for cell in (b"inf", b"-inf")] == [math.inf, -math.inf]
        assert math.isnan(float(b"nan"))

    def test_that_are_flags_are_true_but_for_zero(self) -> None:
        assert [flag(cell) for cell in (b"0", b"1", b"255")] == [False, True, True]


class TestRows:
    def test_are_lines_of_cells(self) -> None:
        data = b"a\\tb\t1\n\t2\n"
        assert list(decode_rows(data, (text, int))) == [("a\tb", 1), ("", 2)]

    def test_may_be_none(self) -> None:
        assert list(decode_rows(b"", (text,))) == []

    def test_may_be_empty_cells(self) -> None:
        assert list(decode_rows(b"\n\n", (text,))) == [("",), ("",)]

    @pytest.mark.parametrize(
        "data",
        [
            b"a\t1\nCode: 395, e.displayText() = DB::Exception: thrown\n",
            b"a\t1\tx\n",
            b"a\n",
            b"a\t1\nb\t",
            b"a\t1\nb\t2",
            b"a\tx\n",
        ],
    )
    def test_that_are_none_are_refused(self, data: bytes) -> None:
        with pytest.raises(ValueError, match=r"\w"):
            list(decode_rows(data, (text, int)))


class TestLiterals:
    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_end_where_they_should(self, value: str) -> None:
        """Read by ClickHouse's rules: a backslash takes the next character, a bare quote ends the literal."""
        written = literal(value)
        inside, characters = [], iter(written[1:-1])
        for character in characters:
            assert character != "'"
            inside.append(next(characters) if character == "\\" else character)
        assert (written[0], "".join(inside), written[-1]) == ("'", value, "'")
