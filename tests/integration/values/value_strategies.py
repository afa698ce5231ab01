"""What values the types are tried with, and what lies next to a value: the smallest changes of it. All are PostgreSQL's text."""

import math
import struct
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

Texts = st.SearchStrategy[Any]


def integers(low: int, high: int) -> Texts:
    edges = st.sampled_from([low, high, max(low, 0), max(low, min(high, 1))])
    return (edges | st.integers(low, high)).map(str)


def near_integer(low: int, high: int) -> Callable[[str], list[Any]]:
    return lambda text: [None, *(str(n) for n in (int(text) - 1, int(text) + 1, 0) if low <= n <= high)]


def decimals(digits: int, scale: int) -> Texts:
    limit = 10**digits - 1
    return (st.integers(-limit, limit) | st.sampled_from([0, 1, -1, limit, -limit])).map(
        lambda n: f"{Decimal(n).scaleb(-scale):f}"
    )


def near_decimal(text: str) -> list[Any]:
    """One unit of the last digit, and one more digit, towards zero where the other way would not fit."""
    number = Decimal(text)
    if not number.is_finite():
        return [None, "0", "NaN", "Infinity", "-Infinity"]
    unit = Decimal(1).scaleb(int(number.as_tuple().exponent))
    inward = number - unit.copy_sign(number)
    return [None, f"{inward:f}", f"{number - (unit / 10).copy_sign(number):f}", "0"]


def singles() -> Texts:
    edges = st.sampled_from([0.0, -0.0, math.nan, math.inf, -math.inf, *map(_single, (0.1, 16777216.0, 3.4e38, 1e-38))])
    return (edges | st.floats(width=32, allow_subnormal=False)).map(lambda x: f"{x:.9g}")


def doubles(limit: float = math.inf) -> Texts:
    special = [] if limit < math.inf else [math.nan, math.inf, -math.inf, 1.7976931348623157e308, 5e-324]
    finite = st.floats(-limit, limit) if limit < math.inf else st.floats()
    return (st.sampled_from([0.0, -0.0, 0.1, 0.29, 1.005, 16777217.0, *special]) | finite).map(repr)


def near_double(text: str) -> list[Any]:
    number = float(text)
    steps = [math.nextafter(number, math.inf), math.nextafter(number, -math.inf), number + 1e-4, 0.0, -number]
    return [None, *map(repr, steps)]


def near_single(text: str) -> list[Any]:
    (bits,) = struct.unpack("<i", struct.pack("<f", float(text)))
    stepped = [
        struct.unpack("<f", struct.pack("<i", bits + step))[0] for step in (1, -1) if 2 < bits & 0x7FFFFFFF < 2**31 - 2
    ]
    return [None, "0", *(f"{x:.9g}" for x in stepped if abs(x) > 1e-37)]


def _single(number: float) -> float:
    single: float = struct.unpack("<f", struct.pack("<f", number))[0]
    return single


CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
TRICKY = [
    "",
    " ",
    "\t",
    "\n",
    "\\",
    "\\N",
    "NULL",
    "'",
    "a\\'b",
    " x ",
    "é",
    "e\u0301",
    "\U0001f600",
    "ﬁ",
    "0",
    "x" * 40,
]


def texts(max_bytes: int = 1000) -> Texts:
    return (st.sampled_from(TRICKY) | st.text(CHARACTERS, max_size=20)).filter(lambda t: len(t.encode()) <= max_bytes)


def near_text(max_bytes: int = 1000) -> Callable[[str], list[Any]]:
    def near(text: str) -> list[Any]:
        forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC")]
        found = [
            f"{text} ",
            f" {text}",
            text.rstrip(" "),
            text.swapcase(),
            text[:-1],
            "",
            "0",
            "NULL",
            f"{text}x",
            *forms,
        ]
        return [None, *(other for other in found if len(other.encode()) <= max_bytes)]

    return near


ASCII = st.text("abAB é '\\", max_size=5)
BYTES = (st.sampled_from([b"", b"\0", b"\xff\xfe", b"\\x00", b"\xc3\xa9"]) | st.binary(max_size=7)).map(
    lambda b: f"\\x{b.hex()}"
)


def near_bytes(text: str) -> list[Any]:
    return [None, f"{text}00", f"{text}20", text[:-2] if len(text) > 2 else "\\x", "\\x"]


DOCUMENTS = st.sampled_from(['{"a": 1, "b": [true, null, 1.50]}', "[]", '"é"', "null", "1", "true", '{"b": 1, "a": 1}'])


def near_document(text: str) -> list[Any]:
    return [None, text.replace("1", "2"), text.replace("true", "1"), f"{text} ", text.replace(": ", ":")]


def near_uuid(text: str) -> list[Any]:
    last = "0" if text[-1] != "0" else "1"
    return [None, text[:-1] + last, text.upper(), text.lower()]


UUIDS = st.uuids().map(str) | st.just("00000000-0000-0000-0000-000000000000")
MIXED_UUIDS = st.tuples(UUIDS, st.booleans()).map(lambda pair: pair[0].upper() if pair[1] else pair[0])


def dates(low: date, high: date) -> Texts:
    return (st.sampled_from([low, high]) | st.dates(low, high)).map(str)


def near_date(low: date, high: date) -> Callable[[str], list[Any]]:
    def near(text: str) -> list[Any]:
        day = timedelta(days=1)
        around = [d for d in (date.fromisoformat(text) - day, date.fromisoformat(text) + day) if low <= d <= high]
        return [None, *map(str, around)]

    return near


def instants(low: int, high: int) -> Texts:
    """Instants between two years."""
    start, end = datetime(low, 1, 2), datetime(high, 1, 2)
    edges = [start, datetime(1970, 1, 1), datetime(2024, 2, 29, 23, 59, 59, 999_999), datetime(2024, 10, 27, 1, 30)]
    return (st.sampled_from(edges) | st.datetimes(start, end)).map(lambda t: f"{t.replace(tzinfo=UTC)}")


def near_instant(text: str) -> list[Any]:
    time = datetime.fromisoformat(text)
    steps = [
        timedelta(microseconds=us)
        for us in (1, -1, 1_000, -1_000, 1_000_000, -1_000_000, 3_600_000_000, 86_400_000_000)
    ]
    return [None, *(str(time + step) for step in steps if (time + step).year >= 1970 or time.year < 1970)]


def arrays(elements: Texts) -> Texts:
    return st.lists(elements, max_size=4)


def near_array(near: Callable[[Any], Iterable[Any]]) -> Callable[[list[Any]], list[Any]]:
    """Change the first element, or the length, or the order."""

    def changed(items: list[Any]) -> list[Any]:
        firsts = [] if not items or items[0] is None else [x for x in near(items[0]) if x is not None]
        return [items[:-1], items[::-1], [*items, *items[:1]], *([first, *items[1:]] for first in firsts)]

    return changed
