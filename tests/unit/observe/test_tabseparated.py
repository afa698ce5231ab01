"""ClickHouse's TabSeparated format: what was written is what is read."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.observe.tabseparated import (
    NULL,
    Decoder,
    decode_columns,
    decode_rows,
    flag,
    literal,
    literals,
    text,
    tuples,
)

# By ClickHouse's documentation of the format.
ESCAPES = {"\b": "\\b", "\f": "\\f", "\r": "\\r", "\n": "\\n", "\t": "\\t", "\0": "\\0", "'": "\\'", "\\": "\\\\"}


def escaped(value: str) -> str:
    return value.translate(str.maketrans(ESCAPES))


def read(cell: bytes, decode: Decoder) -> object:
    """Return what a cell says in a result of nothing else."""
    ((value,),) = decode_columns(cell + b"\n", (decode,))
    return value


def _escaped_bytes(value: bytes) -> bytes:
    """Escape what would end a cell, as ClickHouse does."""
    return value.replace(b"\\", b"\\\\").replace(b"\t", rb"\t").replace(b"\n", rb"\n")


class TestText:
    @given(st.text())
    def test_is_what_was_written(self, value: str) -> None:
        assert read(escaped(value).encode(), text) == value

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
        assert read(cell, text) == value

    @given(st.binary(), st.binary())
    def test_of_different_bytes_is_different(self, one: bytes, other: bytes) -> None:
        said = [read(_escaped_bytes(part), text) for part in (one, other)]
        assert (said[0] == said[1]) == (one == other)
        assert str(said[0]).encode(errors="surrogateescape") == one


class TestNull:
    def test_is_none_and_no_text_is(self) -> None:
        assert [read(cell, text) for cell in (rb"\N", rb"\\N", b"", b"NULL")] == [None, "\\N", "", "NULL"]

    def test_is_told_from_zero(self) -> None:
        assert [read(cell, int) for cell in (rb"\N", b"0", b"-5")] == [None, 0, -5]


class TestNumbers:
    @given(st.floats())
    def test_are_the_same_double(self, value: float) -> None:
        assert repr(read(repr(value).encode(), float)) == repr(value)

    def test_without_a_value_are_known_by_their_words(self) -> None:
        assert [read(cell, float) for cell in (b"inf", b"-inf")] == [math.inf, -math.inf]
        assert math.isnan(float("nan"))

    def test_that_are_flags_are_true_but_for_zero(self) -> None:
        assert [flag(cell) for cell in ("0", "1", "255")] == [False, True, True]


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


class TestColumns:
    def test_are_as_many_as_their_decoders_also_without_rows(self) -> None:
        assert decode_columns(b"", (text, int)) == [[], []]

    def test_have_one_object_for_all_cells_that_are_equal(self) -> None:
        (column,) = decode_columns(b"1.5\n2.5\n1.5\n", (float,))
        assert column == [1.5, 2.5, 1.5]
        assert column[0] is column[2]

    @given(st.lists(st.tuples(st.text(), st.integers(), st.none() | st.floats(allow_nan=False)), max_size=20))
    def test_are_what_was_written(self, rows: list[tuple[str, int, float | None]]) -> None:
        lines = (f"{escaped(t)}\t{i}\t{NULL if f is None else repr(f)}\n" for t, i, f in rows)
        assert list(decode_rows("".join(lines).encode(), (text, int, float))) == rows


class TestLiterals:
    @given(st.lists(st.lists(st.text("a'\\,) "), min_size=3, max_size=3)))
    def test_of_many_are_those_of_each(self, rows: list[list[str]]) -> None:
        assert tuples(rows) == ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
        for row in rows:
            assert literals(row) == ", ".join(map(literal, row))

    def test_of_none_are_none(self) -> None:
        assert literals([]) == tuples([]) == ""

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_end_where_they_should(self, value: str) -> None:
        """Read by ClickHouse's rules: a backslash takes the next character, a bare quote ends the literal."""
        written = literal(value)
        inside, characters = [], iter(written[1:-1])
        for character in characters:
            assert character != "'"
            inside.append(next(characters) if character == "\\" else character)
        assert (written[0], "".join(inside), written[-1]) == ("'", value, "'")
