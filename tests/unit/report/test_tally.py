"""The counts of a point, against a sample whose figures are known."""

from evidence import fired

from harness.check.anomalies import Anomaly, AnomalyClass
from harness.check.conclusion import Conclusion
from harness.model import Verdict
from harness.report.tally import PointTally
from harness.units import NS_PER_MS

TWO_OF_A_CLASS = tuple(Anomaly(AnomalyClass.STALE_SCORE, field, 1.0, 2.0, "") for field in ("a", "b"))


def test_errors_are_counted_in_sight_and_out_of_the_rate() -> None:
    tally = PointTally(10.0)
    for verdict, clickhouse_failed, anomalies in [
        (Verdict.CONVERGED, False, ()),
        (Verdict.DIVERGED, True, TWO_OF_A_CLASS),
        (Verdict.LATE, True, TWO_OF_A_CLASS),
        (Verdict.POSTGRES_WRONG, True, ()),
        (Verdict.POSTGRES_WRONG, False, ()),
        (Verdict.ERROR, False, ()),
    ]:
        tally.add(Conclusion(fired(), verdict, None, anomalies, clickhouse_failed, (), 5 * NS_PER_MS))
    point = tally.point()
    assert (point.iterations, point.errors, point.failures, point.failure_rate) == (6, 1, 4, 0.8)
    assert (point.converged, point.diverged, point.late, point.postgres_wrong) == (1, 1, 1, 2)
    assert (point.clickhouse_failures, point.postgres_failures) == (3, 2)
    # Counted by iteration, however many fields of one class differ.
    assert point.anomalies == {"stale_score": 2}
    assert point.call_codes == {"OK": 18}
    assert point.convergence_ms is not None
    assert point.convergence_ms.p50 == 5.0


def test_nothing_judged_is_no_rate() -> None:
    empty = PointTally(1.0)
    empty.add(Conclusion(fired(), Verdict.ERROR, "why", (), False, (), None))
    point = empty.point()
    assert (point.failure_rate, point.failure_rate_low, point.failure_rate_high) == (None, None, None)
    assert point.convergence_ms is None


def test_delays_and_the_order_at_the_server() -> None:
    tally = PointTally(10.0)
    for first_ns, second_ns in [(100, 200), (300, 250), (None, 5)]:
        create, update, submit = fired().calls
        calls = (create, update._replace(server_entered_ns=first_ns), submit._replace(server_entered_ns=second_ns))
        tally.add(Conclusion(fired()._replace(calls=calls), Verdict.CONVERGED, None, (), False, (), None))
    point = tally.point()
    assert point.server_inversions == 1
    assert point.delay_error_ms is not None and point.achieved_delay_ms is not None
    assert (point.delay_error_ms.min, point.achieved_delay_ms.max) == (0.0, 10.0)
    silent = PointTally(10.0)
    silent.add(Conclusion(fired(), Verdict.CONVERGED, None, (), False, (), None))
    assert silent.point().server_inversions is None
