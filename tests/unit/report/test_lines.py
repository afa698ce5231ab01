"""Texts and tables within a terminal's width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from harness.report.lines import Style, indented, table


def test_a_text_is_broken_between_words_and_its_further_lines_stand_below_the_first() -> None:
    assert [line.text for line in indented("one two three", 2, 9)] == ["  one two", "  three"]
    assert [line.text for line in indented("x" * 9 + " y", 1, 5)] == [" xxxx", " xxxx", " x y"]
    assert [line.text for line in indented("  one two", 1, 7)] == ["   one", " two"]
    assert indented("short", 2, 80, Style.BAD) == [("  short", Style.BAD)]


@given(st.text(max_size=60), st.integers(4, 30))
def test_no_line_of_a_text_is_too_wide_and_no_word_is_lost(text: str, width: int) -> None:
    lines = [line.text for line in indented(text, 1, width)]
    assert max(map(cell_len, lines)) <= width
    whole = "".join(line.text for line in indented(text, 0, 10_000))
    assert "".join(lines).replace(" ", "") == whole.replace(" ", "")


ROWS = [(Style.PLAIN, ("=", "label", "A" * 30, "b" * 7)), (Style.BAD, ("x", "l", "c", ""))]


def test_a_table_that_has_room_is_as_wide_as_its_cells() -> None:
    lines = table(("", "field", "ours", "theirs"), ROWS, 80)
    assert [line.text for line in lines] == [
        "   field  ours" + " " * 28 + "theirs",
        "=  label  " + "A" * 30 + "  " + "b" * 7,
        "x  l      c",
    ]
    assert [line.style for line in lines] == [Style.HEADING, Style.PLAIN, Style.BAD]


def test_what_has_no_room_is_folded() -> None:
    lines = [line.text for line in table(("", "field", "ours", "theirs"), ROWS, 40)]
    assert max(map(len, lines)) <= 40
    assert sum(line.count("A") for line in lines) == 30
    assert [line[0] for line in lines] == [" ", "=", " ", "x"]


@pytest.mark.parametrize("width", [1, 12, 33, 80])
@given(st.lists(st.text(max_size=50), min_size=3, max_size=3))
def test_no_row_is_wider_than_the_terminal_where_that_can_be(width: int, cells: list[str]) -> None:
    lines = table(("", "", "", ""), [(Style.PLAIN, ("=", *cells))], width)
    # A mark, three gaps and room for one wide character a column.
    assert max(cell_len(line.text) for line in lines) <= max(width, 1 + 3 * 2 + 3 * 2)
