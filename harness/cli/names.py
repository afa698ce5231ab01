"""Which scorecards the user names, by flags and in a file; what is no name is told before any store is asked."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.errors import UsageError
from harness.observe.names import ScorecardName


def named_scorecards(names: Sequence[str], path: str | None) -> list[str]:
    """Return the names given and those on the file's lines, each once. Raises UsageError, with the line's number, for what is none."""
    for name in names:
        ScorecardName.parse(name)
    return list(dict.fromkeys([*names, *(() if path is None else _names_in(path))]))


def _names_in(path: str) -> Iterator[str]:
    # Ends of lines alone are taken off: a name may end in a space, and hold what Python takes for a line's end.
    told = (line.removesuffix("\r") for line in _text_of(path).split("\n"))
    lines = [(number, line) for number, line in enumerate(told, 1) if line.strip()]
    if not lines:
        raise UsageError(f"names file {path} names no scorecard")
    for number, name in lines:
        try:
            ScorecardName.parse(name)
        except UsageError as error:
            raise UsageError(f"{path}:{number}: {error}") from None
        yield name


def _text_of(path: str) -> str:
    try:
        # A file that was saved on Windows may begin with a byte order mark.
        return Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"names file {path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"names file {path} cannot be read: it is no UTF-8 text") from None
