"""The file that keeps a comparison's progress: small, replaced as a whole, removed at the end."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from harness.bulk.findings import Counts, Findings, Suspect
from harness.bulk.ranges import Key
from harness.bulk.request import BulkRequest, BulkTable, Since
from harness.errors import ResultsError, UsageError
from harness.observe.clickhouse_address import ClickHouseAddress

FORMAT = 1


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


@dataclass(slots=True)
class Progress:
    """A whole comparison: `after` is the last key done of a comparison by update time, `open` what must be looked at again."""

    what: str
    format: int = FORMAT
    tables: dict[BulkTable, TableProgress] = field(default_factory=dict)
    after: Key | None = None
    open: list[tuple[BulkTable, Key]] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)

    def of(self, table: BulkTable) -> TableProgress:
        """Return a table's progress."""
        return self.tables.setdefault(table, TableProgress())


_ADAPTER = TypeAdapter(Progress)


class ProgressFile:
    """Keeps the progress in a file; with no path it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def load(self, what: str) -> Progress:
        """Return the progress that the file holds, an empty one where there is no file. Raises UsageError for another comparison's."""
        if self._path is None or not self._path.exists():
            return Progress(what)
        try:
            progress = _ADAPTER.validate_json(self._path.read_bytes())
        except (OSError, ValidationError, ValueError) as error:
            first = str(error).splitlines()[0]
            raise UsageError(f"{self._path} does not hold a comparison's progress: {first}") from None
        if (progress.what, progress.format) != (what, FORMAT):
            raise UsageError(f"{self._path} is the progress of another comparison; remove it, or name another file")
        return progress

    def save(self, progress: Progress, suspects: Iterable[Suspect], findings: Findings) -> None:
        """Replace the file. Raises ResultsError."""
        if self._path is None:
            return
        progress.open = [(suspect.table, suspect.key) for suspect in suspects]
        # Which table it was found in does not matter any more: both are looked at.
        progress.open += [(table, key) for key in findings.open() for table in progress.tables]
        progress.counts = findings.counts()
        try:
            draft = self._path.with_name(f"{self._path.name}.part")
            draft.write_text(json.dumps(asdict(progress)))
            draft.replace(self._path)
        except OSError as error:
            raise ResultsError(f"the progress cannot be kept: {error}") from None

    def remove(self) -> None:
        """Forget the progress of a comparison that has come to its end."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


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
