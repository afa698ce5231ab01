from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.bulk.findings import Findings, Suspect
from harness.bulk.request import BulkRequest, BulkTable, Difference, Sample, Since
from harness.bulk.resume import ProgressFile, fingerprint
from harness.errors import ResultsError, UsageError
from harness.mapping import PostgresMapping, StoreMapping
from harness.model import ClickHouseRows, Snapshot

REQUEST = BulkRequest("postgresql://u:secret@h/d", "http://u:secret@h/d", StoreMapping())


def findings() -> Findings:
    return Findings(2, None)


def difference() -> Difference:
    return Difference(Snapshot("", 0, 1, None, ClickHouseRows()), ())


def test_progress_comes_back_as_it_was(tmp_path: Path) -> None:
    file = ProgressFile(tmp_path / "progress.json")
    progress = file.load("this", findings())
    table = progress.of(BulkTable.HEADERS)
    table.boundaries, table.done, table.cut = [("c", "é", "'\\")], [0], True
    suspect = Suspect(BulkTable.HEADERS, ("c", "p", "s"), (1, 2), 3)
    found = findings()
    # The third of each is beyond those kept; the first is no UTF-8.
    for scorecard in ("\udcff", "é", "語"):
        found.add(("c", "p", scorecard), difference())
        found.add_unsettled(("c", "q", scorecard))
        found.add_representation(("c", "r", scorecard))
    file.save(progress, [suspect], found)
    earlier = findings()
    again = file.load("this", earlier)
    assert again == progress
    kept = [(BulkTable.HEADERS, ("c", profile, s), None, 7) for profile in "pq" for s in ("\udcff", "é")]
    assert again.suspects(7) == [
        *(Suspect(*one) for one in kept),
        Suspect(BulkTable.HEADERS, ("c", "p", "s"), (1, 2), 7),
    ]
    # What is open is not counted until it was looked at again.
    assert (earlier.count, earlier.unsettled.count, earlier.representation.count) == (1, 1, 3)
    assert earlier.representation.names == found.representation.names
    assert ("c", "p", "語") in earlier.different and ("c", "q", "語") in earlier.unsettled
    file.remove()
    assert file.load("this", findings()).tables == {}


def test_another_comparison_is_refused(tmp_path: Path) -> None:
    file = ProgressFile(tmp_path / "progress.json")
    file.save(file.load("this", findings()), [], findings())
    with pytest.raises(UsageError, match="another comparison; delete it to begin anew, or name another file"):
        file.load("that", findings())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "Invalid JSON: EOF"),
        ('{"what": "thi', "Invalid JSON: EOF"),
        ("{}", "what: Field required"),
        ("[]", "Input should be an object"),
        ('{"what": "this", "tables": {"other": {}}}', "tables.other"),
        ('{"what": "this", "format": 2, "representation": [["語", "", ""]]}', "'latin-1' codec"),
        ('{"what": "this", "format": 2, "open": [["headers", ["語", "", ""], null]]}', "'latin-1' codec"),
        ('{"what": "this", "format": 2}\n["other", 1, ""]', "no tally 'other'"),
        ('{"what": "this", "format": 2, "beyond": {"different": 1}}', "lines are missing"),
        ('{"what": "this", "format": 2, "beyond": {"different": 1}}\n["different", 1, "AAA"]', "padding"),
        ("\xff", "utf-8"),
    ],
)
def test_what_is_no_progress_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "progress.json"
    path.write_text(content, encoding="latin-1" if content == "\xff" else "utf-8")
    with pytest.raises(UsageError, match="does not hold a comparison's progress") as raised:
        ProgressFile(path).load("this", findings())
    message = str(raised.value)
    assert reason in message
    assert message.endswith("; delete it to begin anew, or name another file")
    assert "\n" not in message


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: Is a directory; name another file"):
        ProgressFile(tmp_path).load("this", findings())


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    file = ProgressFile(tmp_path / "absent" / "progress.json")
    with pytest.raises(ResultsError, match="cannot be kept"):
        file.save(file.load("this", findings()), [], findings())


def test_no_file_keeps_nothing() -> None:
    file = ProgressFile(None)
    file.save(file.load("this", findings()), [], findings())
    file.remove()
    assert file.load("this", findings()).tables == {}


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
