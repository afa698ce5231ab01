"""What counts as evidence of a round: judged iterations on schedule, and nothing of it before all were judged."""

from harness.check.conclusion import Conclusion
from harness.model import Fired, Order, Verdict
from harness.stats.threshold.search import Allocation, Tried
from harness.threshold_run import Round


def conclusion(verdict: Verdict, api_delay_ms: float = 20.0) -> Conclusion:
    fired = Fired(1, api_delay_ms, Order.UPDATE_FIRST, "customers/c/profiles/p/scorecards/1", ())
    return Conclusion(fired, verdict, None, (), False, (), None)


def test_errors_and_what_is_off_schedule_are_no_evidence() -> None:
    round_ = Round((Allocation(20.0, 7), Allocation(40.0, 1)))
    for verdict in Verdict:
        round_.add(conclusion(verdict), off_schedule=False)
        round_.add(conclusion(verdict), off_schedule=True)
    assert round_.concluded == 2 * len(Verdict)
    # converged, diverged, late and postgres_wrong are judged, all but the first are failures.
    assert round_.evidence == {20.0: Tried(20.0, 4, 3), 40.0: Tried(40.0, 0, 0)}
