from harness.bulk.findings import Findings
from harness.bulk.ranges import Key
from harness.bulk.request import BulkResult, BulkStatus, Difference
from harness.model import ClickHouseRows, Snapshot


def difference(key: Key) -> Difference:
    return Difference(Snapshot("/".join(key), 0, 1, None, ClickHouseRows()), ())


def key(number: int) -> Key:
    return "c", "p", str(number)


def test_a_scorecard_that_differs_in_both_tables_counts_once_at_any_number() -> None:
    findings = Findings(keep=2, max_differences=None)
    for number in (1, 2, 3, 4, 4, 3, 2, 1):
        findings.add(key(number), difference(key(number)))
        findings.add_unsettled(key(10 + number))
        findings.add_representation(key(20 + number))
    assert (findings.count, len(findings.differences)) == (4, 2)
    assert (findings.unsettled.count, findings.unsettled.names) == (4, tuple(name(n) for n in (11, 12)))
    assert (findings.representation.count, len(findings.representation.names)) == (4, 2)
    assert {name: len(keys) for name, keys in findings.beyond().items()} == dict.fromkeys(findings.beyond(), 2)


def name(number: int) -> str:
    return f"customers/c/profiles/p/scorecards/{number}"


def test_what_differs_is_neither_unsettled_nor_of_another_representation() -> None:
    findings = Findings(keep=1, max_differences=None)
    for number in (1, 2):
        findings.add_representation(key(number))
        findings.add_unsettled(key(number))
        assert (findings.representation.count, findings.unsettled.count) == (0, 1)
        findings.add(key(number), difference(key(number)))
        findings.add_unsettled(key(number))
        findings.add_representation(key(number))
        assert (findings.representation.count, findings.unsettled.count, findings.count) == (0, 0, number)


def test_full_at_the_number_asked_for() -> None:
    findings = Findings(keep=10, max_differences=2)
    findings.add(key(1), difference(key(1)))
    assert not findings.full
    findings.add(key(2), difference(key(2)))
    assert findings.full


def test_open_is_what_another_run_must_look_at_again() -> None:
    findings = Findings(keep=1, max_differences=None)
    for number in (1, 2):
        findings.add(key(number), difference(key(number)))
        findings.add_unsettled(key(10 + number))
        findings.add_representation(key(20 + number))
    assert list(findings.open()) == [key(1), key(11)]


def result(status: BulkStatus = BulkStatus.COMPLETE, **changes: int) -> BulkResult:
    values = {"difference_count": 0, "unsettled_count": 0, "representation_count": 0, **changes}
    return BulkResult(tables={}, differences=(), representation=(), unsettled=(), status=status, **values)


def test_nothing_but_a_whole_comparison_without_a_doubt_is_equal() -> None:
    assert result().equal
    assert result(representation_count=1).equal
    assert not result(difference_count=1).equal
    assert not result(unsettled_count=1).equal
    assert not result(BulkStatus.STOPPED).equal
    assert not result(BulkStatus.PARTIAL).equal
