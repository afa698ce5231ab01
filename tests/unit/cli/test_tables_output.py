"""What is printed of whole tables."""

import io

import pytest
from rich.console import Console

from harness.bulk.request import BulkResult, BulkStatus, BulkTable, Difference, TableTally
from harness.check.anomalies import Anomaly, AnomalyClass
from harness.cli.tables_output import print_tables, tables_data
from harness.model import ClickHouseRows, Snapshot

ORPHAN = Anomaly(AnomalyClass.ORPHAN_ROW, "scorecard", None, "1 header", "")
STOPPED, PARTIAL = BulkStatus.STOPPED, BulkStatus.PARTIAL


def result(
    status: BulkStatus = BulkStatus.COMPLETE,
    differences: tuple[str, ...] = (),
    difference_count: int | None = None,
    unsettled: tuple[str, ...] = (),
    tables: dict[BulkTable, TableTally] | None = None,
) -> BulkResult:
    found = tuple(Difference(Snapshot(name, 0, 1, None, ClickHouseRows()), (ORPHAN,)) for name in differences)
    count = len(found) if difference_count is None else difference_count
    return BulkResult(tables or {}, found, count, (), 0, unsettled, len(unsettled), status)


def lines(printed: BulkResult) -> list[str]:
    out = io.StringIO()
    print_tables(printed, Console(file=out, highlight=False, markup=False, width=80))
    return out.getvalue().splitlines()


@pytest.mark.parametrize(
    ("found", "ending"),
    [
        (result(), "agree"),
        (result(unsettled=("s",)), "no difference, 1 not compared"),
        (result(difference_count=1), "DIFFER: 1 scorecard"),
        (result(difference_count=1811, unsettled=("s",)), "DIFFER: 1,811 scorecards, 1 not compared"),
        (result(STOPPED, difference_count=5), "DIFFER: 5 scorecards, stopped at --max-differences"),
        (result(PARTIAL), "INTERRUPTED, partial; no difference so far"),
        (result(PARTIAL, difference_count=2), "INTERRUPTED, partial; DIFFER so far: 2 scorecards"),
    ],
)
def test_the_last_line_says_what_came_of_it(found: BulkResult, ending: str) -> None:
    assert lines(found)[-1] == ending


@pytest.mark.parametrize(
    ("tally", "line"),
    [
        (TableTally(20_000, 19_999, 1, True), "scores    20,000 rows in PostgreSQL, 19,999 in ClickHouse"),
        (TableTally(20_000, 0, 9, False), "scores    at least 20,000 rows in PostgreSQL, 0 in ClickHouse, left early"),
        (TableTally(0, 0, 0, False), "scores    left before a row was compared"),
        (TableTally(0, 0, 0, True), "scores    0 rows in PostgreSQL, 0 in ClickHouse"),
    ],
)
def test_rows_that_were_not_all_read_are_no_total(tally: TableTally, line: str) -> None:
    assert lines(result(tables={BulkTable.SCORES: tally}))[0] == line


def test_a_name_that_cannot_be_given_has_a_hint() -> None:
    plain, slashes = "customers/c/profiles/p/scorecards/s", "customers/c/profiles/p/scorecards/a/b"
    first, second, _ = lines(result(differences=(plain, slashes)))
    assert first == f"  {plain}: orphan_row"
    assert second == f"  {slashes}: orphan_row (no name for --name; --json shows it)"


def test_data_that_is_partial_is_marked() -> None:
    data = tables_data(result(PARTIAL, difference_count=2))
    assert (data["status"], data["complete"], data["equal"]) == ("partial", False, False)
