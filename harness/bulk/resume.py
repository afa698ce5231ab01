"""The file that keeps a comparison's progress: replaced as a whole, removed at the end.

Its first line is the progress as JSON. Each further line is a part of a `KeySet` of the findings, so that neither writing nor reading it
takes much memory however many scorecards differ.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

from pydantic import TypeAdapter, ValidationError

from harness.bulk.findings import Findings, Suspect
from harness.bulk.ranges import Key
from harness.bulk.request import BulkRequest, BulkTable, Since
from harness.bulk.signatures import Signature
from harness.errors import ResultsError, UsageError
from harness.observe.clickhouse_address import ClickHouseAddress

FORMAT = 2
MEND = "delete it to begin anew, or name another file"


@dataclass(slots=True)
class TableProgress:
    """One table: where it was cut, how many bits tell its cells apart, which ranges are done, and what was counted in them."""

    boundaries: list[Key] = field(default_factory=list)
    bits: int = 0
    done: list[int] = field(default_factory=list)
    cut: bool = False
    rows_total: int = 0
    rows_done: int = 0
    postgres_rows: int = 0
    clickhouse_rows: int = 0
    suspects: int = 0
    finished: bool = False


@dataclass(slots=True)
class Progress:
    """A whole comparison: `after` is the last key done of a comparison by update time, `open` what must be looked at again.

    An open scorecard has PostgreSQL's signature where it awaits its first look. `representation` holds the names kept of those, `beyond`
    how many scorecards of each tally the file's further lines hold. The keys of these two lists are `_written`.
    """

    what: str
    format: int = FORMAT
    tables: dict[BulkTable, TableProgress] = field(default_factory=dict)
    after: Key | None = None
    open: list[tuple[BulkTable, Key, Signature | None]] = field(default_factory=list)
    representation: list[Key] = field(default_factory=list)
    beyond: dict[str, int] = field(default_factory=dict)

    def of(self, table: BulkTable) -> TableProgress:
        """Return a table's progress."""
        return self.tables.setdefault(table, TableProgress())

    def suspects(self, now_ns: int) -> list[Suspect]:
        """Return what an earlier run left to be looked at, as if found now."""
        return [Suspect(table, _read(key), postgres, now_ns) for table, key, postgres in self.open]


_ADAPTER = TypeAdapter(Progress)
_PART = TypeAdapter(tuple[str, int, str])


class ProgressFile:
    """Keeps the progress in a file; with no path it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def load(self, what: str, findings: Findings) -> Progress:
        """Return the progress that the file holds, an empty one where there is no file, and add to the findings what it counted.

        Raises UsageError for a file that is another comparison's, broken or not to be read.
        """
        if self._path is None or not self._path.exists():
            return Progress(what)
        try:
            with self._path.open(encoding="utf-8") as file:
                progress = _ADAPTER.validate_json(file.readline())
                if (progress.what, progress.format) != (what, FORMAT):
                    raise UsageError(f"{self._path} is the progress of another comparison; {MEND}")
                _load_findings(progress, file, findings)
        except OSError as error:
            raise UsageError(f"{self._path} cannot be read: {error.strerror or error}; name another file") from None
        except ValueError as error:
            raise UsageError(f"{self._path} does not hold a comparison's progress: {_reason(error)}; {MEND}") from None
        return progress

    def save(self, progress: Progress, suspects: Iterable[Suspect], findings: Findings) -> None:
        """Replace the file. Raises ResultsError."""
        if self._path is None:
            return
        # Which table it was found in does not matter any more: both are looked at.
        progress.open = [(table, _written(key), None) for key in findings.open() for table in progress.tables]
        progress.open += [(suspect.table, _written(suspect.key), suspect.postgres) for suspect in suspects]
        progress.representation = [_written(key) for key in findings.representation.kept]
        progress.beyond = {name: len(keys) for name, keys in findings.beyond().items()}
        try:
            draft = self._path.with_name(f"{self._path.name}.part")
            with draft.open("w", encoding="utf-8") as file:
                file.write(json.dumps(asdict(progress)))
                for name, keys in findings.beyond().items():
                    file.writelines("\n" + json.dumps([name, *part]) for part in keys.parts())
            draft.replace(self._path)
        except OSError as error:
            raise ResultsError(f"the progress cannot be kept: {error}") from None

    def remove(self) -> None:
        """Forget the progress of a comparison that has come to its end."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def _load_findings(progress: Progress, lines: TextIO, findings: Findings) -> None:
    """Take in what an earlier run counted and need not look at again. Raises ValueError."""
    beyond = findings.beyond()
    for line in lines:
        name, number, text = _PART.validate_json(line)
        if name not in beyond:
            raise ValueError(f"there is no tally {name!r}")
        beyond[name].take_part(number, text)
    if progress.beyond != {name: len(keys) for name, keys in beyond.items() if name in progress.beyond}:
        raise ValueError("lines are missing")
    for _, key, _ in progress.open:
        _read(key)
    for key in progress.representation:
        findings.add_representation(_read(key))


def _reason(error: ValueError) -> str:
    """Return in a few words why a file cannot be understood."""
    if not isinstance(error, ValidationError):
        return str(error) or type(error).__name__
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return f"{where}: {first['msg']}" if where else first["msg"]


def _written(key: Key) -> Key:
    """Return a key's bytes as Latin-1 text, since JSON holds no bytes that are no UTF-8."""
    customer, profile, scorecard = (part.encode(errors="surrogateescape").decode("latin-1") for part in key)
    return customer, profile, scorecard


def _read(key: Key) -> Key:
    """Return the key that was written so. Raises ValueError for what no key is written as."""
    customer, profile, scorecard = (part.encode("latin-1").decode(errors="surrogateescape") for part in key)
    return customer, profile, scorecard


def fingerprint(request: BulkRequest) -> str:
    """Return what tells comparisons apart: the stores, the tables and the scope, but nothing secret."""
    since = request.scope.time.isoformat() if isinstance(request.scope, Since) else ""
    parts = [
        str(ClickHouseAddress.parse(request.clickhouse)),
        request.postgres.rpartition("@")[2],
        request.mapping.model_dump_json(),
        " ".join(request.tables),
        f"{type(request.scope).__name__} {since}",
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
