from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.bulk.findings import Findings, Suspect
from harness.bulk.request import BulkRequest, BulkTable, Sample, Since
from harness.bulk.resume import ProgressFile, fingerprint
from harness.errors import ResultsError, UsageError
from harness.mapping import PostgresMapping, StoreMapping

REQUEST = BulkRequest("postgresql://u:secret@h/d", "http://u:secret@h/d", StoreMapping())


def test_progress_comes_back_as_it_was(tmp_path: Path) -> None:
    file = ProgressFile(tmp_path / "progress.json")
    progress = file.load("this")
    table = progress.of(BulkTable.HEADERS)
    table.boundaries, table.done, table.cut = [("c", "é", "'\\")], [0], True
    suspect = Suspect(BulkTable.HEADERS, ("c", "p", "s"), (1, 2), 3)
    findings = Findings(10, None)
    findings.unsettled.add(("c", "p", "u"))
    file.save(progress, [suspect], findings)
    again = file.load("this")
    assert again == progress
    assert again.open == [(BulkTable.HEADERS, ("c", "p", "s")), (BulkTable.HEADERS, ("c", "p", "u"))]
    file.remove()
    assert file.load("this").tables == {}


def test_another_comparison_is_refused(tmp_path: Path) -> None:
    file = ProgressFile(tmp_path / "progress.json")
    file.save(file.load("this"), [], Findings(10, None))
    with pytest.raises(UsageError, match="another comparison"):
        file.load("that")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"what": "this", "tables": {"other": {}}}', "\xff"])
def test_what_is_no_progress_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "progress.json"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(UsageError, match="does not hold"):
        ProgressFile(path).load("this")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    file = ProgressFile(tmp_path / "absent" / "progress.json")
    with pytest.raises(ResultsError, match="cannot be kept"):
        file.save(file.load("this"), [], Findings(10, None))


def test_no_file_keeps_nothing() -> None:
    file = ProgressFile(None)
    file.save(file.load("this"), [], Findings(10, None))
    file.remove()
    assert file.load("this").tables == {}


def test_comparisons_are_told_apart_without_their_secrets() -> None:
    since = [Since(datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 2)]
    others = [
        BulkRequest("postgresql://u:secret@other/d", REQUEST.clickhouse, REQUEST.mapping),
        BulkRequest(REQUEST.postgres, "http://u:secret@h/other", REQUEST.mapping),
        BulkRequest(REQUEST.postgres, REQUEST.clickhouse, StoreMapping(postgres=PostgresMapping(namespace="x"))),
        BulkRequest(REQUEST.postgres, REQUEST.clickhouse, REQUEST.mapping, tables=(BulkTable.HEADERS,)),
        *(BulkRequest(REQUEST.postgres, REQUEST.clickhouse, REQUEST.mapping, scope) for scope in (*since, Sample(1))),
    ]
    assert len({fingerprint(request) for request in (REQUEST, *others)}) == 1 + len(others)
    changed = BulkRequest("postgresql://u:changed@h/d", "http://u:changed@h/d", StoreMapping())
    assert fingerprint(changed) == fingerprint(REQUEST)
