from harness.bulk.findings import Counts, Findings
from harness.bulk.ranges import Key
from harness.bulk.request import BulkResult, Difference
from harness.model import ClickHouseRows, Snapshot


def difference(key: Key) -> Difference:
    return Difference(Snapshot("/".join(key), 0, 1, None, ClickHouseRows()), ())


def key(number: int) -> Key:
    return "c", "p", str(number)


def test_a_scorecard_that_differs_in_both_tables_counts_once() -> None:
    findings = Findings(keep=10, max_differences=None)
    findings.add(key(1), difference(key(1)))
    findings.add(key(1), difference(key(1)))
    assert findings.count == len(findings.differences) == 1


def test_what_is_beyond_the_cap_is_counted() -> None:
    findings = Findings(keep=2, max_differences=None)
    for number in range(5):
        findings.add(key(number), difference(key(number)))
        findings.unsettled.add(key(number))
    assert (findings.count, len(findings.differences)) == (5, 2)
    assert (findings.unsettled.count, len(findings.unsettled.names)) == (5, 2)
    assert findings.counts() == Counts(differences=3, unsettled=3)


def test_full_at_the_number_asked_for() -> None:
    findings = Findings(keep=10, max_differences=2)
    findings.add(key(1), difference(key(1)))
    assert not findings.full
    findings.add(key(2), difference(key(2)))
    assert findings.full


def test_what_an_earlier_run_counted_stays_counted() -> None:
    earlier = Findings(keep=1, max_differences=None)
    lost = ("c", "p", "\udcff")
    earlier.add(lost, difference(lost))
    earlier.add(key(1), difference(key(1)))
    earlier.unsettled.add(key(2))
    earlier.unsettled.add(key(3))
    earlier.representation.add(key(4))
    later = Findings(keep=10, max_differences=None)
    later.add_earlier(earlier.counts())
    assert list(earlier.open()) == [key(2)]
    assert (later.count, later.unsettled.count, later.representation.count) == (2, 1, 1)


def result(**changes: int | bool) -> BulkResult:
    values = {"difference_count": 0, "unsettled_count": 0, "representation_count": 0, "complete": True, **changes}
    return BulkResult(tables={}, differences=(), representation=(), unsettled=(), **values)  # type: ignore[arg-type]


def test_nothing_but_a_whole_comparison_without_a_doubt_is_equal() -> None:
    assert result().equal
    assert result(representation_count=1).equal
    assert not result(difference_count=1).equal
    assert not result(unsettled_count=1).equal
    assert not result(complete=False).equal
