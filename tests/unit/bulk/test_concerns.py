import pytest

from harness.bulk.look import concerns
from harness.bulk.request import BulkTable, Difference
from harness.check.anomalies import Anomaly, AnomalyClass
from harness.model import ClickHouseRows, Snapshot

HEADER = Anomaly(AnomalyClass.STALE_HEADER, "agent", "a", "b", "")
MISSING = Anomaly(AnomalyClass.MISSING_ROW, "scorecard", "1 header", None, "")
SCORE = Anomaly(AnomalyClass.STALE_SCORE, "scores[c].numeric_value", 1, 2, "")
ORPHAN = Anomaly(AnomalyClass.ORPHAN_ROW, "scorecard", None, "1 header, 0 scores", "")


@pytest.mark.parametrize(
    ("anomalies", "headers", "scores"),
    [
        ((), False, False),
        ((HEADER,), True, False),
        ((MISSING,), True, False),
        ((SCORE,), False, True),
        ((HEADER, SCORE), True, True),
        ((ORPHAN,), True, True),
    ],
)
def test_a_difference_concerns_the_tables_that_it_lies_in(
    anomalies: tuple[Anomaly, ...], headers: bool, scores: bool
) -> None:
    difference = Difference(Snapshot("", 0, 1, None, ClickHouseRows()), anomalies)
    assert concerns(difference, BulkTable.HEADERS) is headers
    assert concerns(difference, BulkTable.SCORES) is scores
