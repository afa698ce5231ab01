"""Names from flags and a file come once each, in order; what is no name is told with its line."""

import re
from pathlib import Path

import pytest

from harness.cli.names import named_scorecards
from harness.errors import UsageError

A, B, C = (f"customers/c/profiles/p/scorecards/{letter}" for letter in "abc")


def test_each_comes_once_in_order(tmp_path: Path) -> None:
    (tmp_path / "names").write_bytes(f"\ufeff{B}\r\n\n \n{A}\n{C}".encode())
    assert named_scorecards([A, A], str(tmp_path / "names")) == [A, B, C]
    assert named_scorecards([], None) == []


@pytest.mark.parametrize("odd", [" ", "\t", "\x85", "\u2028", "\x0b", "\x1c", "\rx"])
def test_only_the_ends_of_lines_are_taken_off(odd: str, tmp_path: Path) -> None:
    (tmp_path / "names").write_bytes(f"{A}{odd}\n{B}{odd}\r\n".encode())
    assert named_scorecards([A], str(tmp_path / "names")) == [A, f"{A}{odd}", f"{B}{odd}"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "names file {path} names no scorecard"),
        (b"\n \n", "names file {path} names no scorecard"),
        (
            f"{A}\n\nscorecards/1\n".encode(),
            "{path}:3: 'scorecards/1' is not a scorecard's name: it must read customers/",
        ),
        (b"\xff\xfe", "names file {path} cannot be read: it is no UTF-8 text"),
    ],
)
def test_a_file_that_will_not_do(content: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "names"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="^" + re.escape(reason.format(path=path))):
        named_scorecards([A], str(path))


def test_no_file(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "nowhere", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(UsageError, match=f"^names file {re.escape(str(path))} cannot be read: {reason}$"):
            named_scorecards([], str(path))


def test_a_flag_that_is_no_name() -> None:
    with pytest.raises(UsageError, match=r"^'' is not a scorecard's name"):
        named_scorecards([A, ""], None)
