"""Lines of text for a terminal of a given width, laid out at a hundredth of what a table of rich costs: thousands are printed at once."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from rich.cells import cell_len, chop_cells

from harness.report.legible import legible

GAP = 2


class Style(StrEnum):
    """How a line looks, where there are colours."""

    PLAIN = "plain"
    HEADING = "heading"
    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


class Line(NamedTuple):
    """One line and how it looks."""

    text: str
    style: Style = Style.PLAIN


def indented(text: str, columns: int, width: int, style: Style = Style.PLAIN) -> list[Line]:
    """Return a text as lines of which the further ones stand below the first, legible, broken between words where that can be."""
    margin = " " * columns
    return [Line(margin + part, style) for part in _wrapped(legible(text), max(1, width - columns))]


def table(headings: Sequence[str], rows: Iterable[tuple[Style, Sequence[str]]], width: int) -> list[Line]:
    """Return a table of a mark, a label and two values; what has no room is folded into further lines."""
    told = [(Style.HEADING, headings), *((style, [legible(cell) for cell in cells]) for style, cells in rows)]
    widths = _widths([max(_cells(cells[n]) for _, cells in told) for n in range(len(headings))], width)
    return [Line(text, style) for style, cells in told for text in _folded(cells, widths)]


def _widths(natural: list[int], width: int) -> list[int]:
    """Return the columns' widths: as they are where there is room, else a third for the label, and half of the rest for each value."""
    mark, label, ours, theirs = natural
    room = max(3, width - mark - 3 * GAP)
    if label + ours + theirs <= room:
        return natural
    label = min(label, max(1, room // 3))
    room -= label
    if ours <= room // 2:
        theirs = room - ours
    elif theirs <= room // 2:
        ours = room - theirs
    else:
        ours, theirs = room // 2, room - room // 2
    return [mark, label, ours, theirs]


def _folded(cells: Sequence[str], widths: Sequence[int]) -> Iterable[str]:
    parts = [
        [cell] if _cells(cell) <= width else _chopped(cell, width) for cell, width in zip(cells, widths, strict=True)
    ]
    for n in range(max(map(len, parts))):
        held = [part[n] if n < len(part) else "" for part in parts]
        padded = [text + " " * (width + GAP - _cells(text)) for text, width in zip(held, widths, strict=True)]
        yield "".join(padded).rstrip()


def _wrapped(text: str, width: int) -> list[str]:
    if _cells(text) <= width:
        return [text]
    lines: list[str] = []
    line: str | None = None
    for word in text.split(" "):
        if line is not None and _cells(line) + 1 + _cells(word) > width:
            lines.append(line)
            line = None
        *whole, last = _chopped(word, width) if _cells(word) > width else [word]
        lines += whole
        line = last if line is None else f"{line} {last}"
    return lines if line is None else [*lines, line]


def _chopped(text: str, width: int) -> list[str]:
    if text.isascii():
        return [text[start : start + width] for start in range(0, len(text), width)]
    return chop_cells(text, width)


def _cells(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)
