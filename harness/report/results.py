"""The results folder of one run: `iterations.jsonl`, appended as verdicts fall, and `report.json`, replaced whole."""

import json
import os
import secrets
from datetime import datetime
from pathlib import Path
from types import TracebackType

from harness.errors import ResultsError
from harness.report.document import Document, IterationRecord, Report

REPORT = "report.json"
ITERATIONS = "iterations.jsonl"


def new_run_id(started_at: datetime) -> str:
    """Return an id that sorts by time and that no two runs share."""
    return f"{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


class ResultsFolder:
    """`results/<run-id>/`, made when entered. Raises ResultsError where it cannot be written."""

    def __init__(self, out: Path, run_id: str) -> None:
        self.path = out / run_id

    def __enter__(self) -> "ResultsFolder":
        try:
            self.path.mkdir(parents=True)
            self._lines = (self.path / ITERATIONS).open("xb", buffering=0)
        except OSError as error:
            raise ResultsError(
                f"results folder {self.path} cannot be written: {error.strerror}; choose another by --out"
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()

    def append(self, records: list[IterationRecord]) -> None:
        """Append a line for each record, in one unbuffered write: what was written survives the death of this process."""
        if not records:
            return
        data = b"".join(record.model_dump_json().encode() + b"\n" for record in records)
        try:
            self._lines.write(data)
        except OSError as error:
            raise ResultsError(f"{self.path / ITERATIONS} cannot be written: {error.strerror}") from None

    def write(self, report: Report) -> None:
        """Replace `report.json`; a reader sees the old one or the new one, never half of one."""
        replace_json(self.path / REPORT, report)


def replace_json(path: Path, document: Document) -> None:
    """Replace a file by a document, its folder made where it is not there; a reader sees the old one or the new one, never half of one.

    Raises ResultsError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultsError(
            f"results folder {path.parent} cannot be written: {error.strerror}; choose another by --out"
        ) from None
    text = json.dumps(document.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
    replace_file(path, text.encode())


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file in a folder that is there; a reader sees the old one or the new one. Raises ResultsError."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_bytes(content)
        os.replace(fresh, path)  # noqa: PTH105 - says that it replaces
    except OSError as error:
        raise ResultsError(f"{path} cannot be written: {error.strerror}") from None
