"""All gates of a run: takes in what was made of each iteration, says which api-delays are decided and what every gate says."""

from collections.abc import Set

from harness.check.conclusion import Conclusion
from harness.gates.order import PlanOrder
from harness.gates.p99 import P99Gate
from harness.gates.rate import RateGate
from harness.gates.words import percent
from harness.model import Verdict
from harness.report.document import GateDecision
from harness.scenario import Scenario
from harness.stats.gate import GateVerdict

Outcome = Conclusion | None
"""None for an iteration that is no evidence."""


class PointGates:
    """The gates of one api-delay."""

    def __init__(self, scenario: Scenario, api_delay_ms: float) -> None:
        gates, points, planned = scenario.gates, len(scenario.api_delay_ms), scenario.iterations
        self.api_delay_ms = api_delay_ms
        self._gates = gates
        self._order = PlanOrder[Outcome]()
        self._rate: RateGate | None = None
        self._p99: P99Gate | None = None
        if gates.max_failure_rate is not None:
            self._rate = RateGate(gates.max_failure_rate, gates.rate_test(points), planned, gates.confidence)
        if gates.max_convergence_p99_ms is not None:
            self._p99 = P99Gate(gates.max_convergence_p99_ms, planned, gates.error / points, gates.error)

    def add(self, position: int, outcome: Outcome) -> None:
        """Take in what was made of the iteration at a position of the point's plan."""
        if self._p99 is not None:
            self._p99.add(outcome is not None, None if outcome is None else outcome.convergence_ns)
        if self._rate is not None:
            for one in self._order.add(position, outcome):
                self._rate.add(None if one is None else one.verdict.is_failure)

    @property
    def decided(self) -> bool:
        """Whether no further iteration would change what these gates make of the run: one has failed, or all are decided."""
        if self._rate is None or self._rate.verdict is None:
            return False
        return self._rate.verdict is GateVerdict.FAIL or self._p99 is None or self._p99.known

    def decisions(self) -> list[GateDecision]:
        """Return what each gate says."""
        found = []
        if self._rate is not None:
            assert self._gates.max_failure_rate is not None
            verdict = self._rate.verdict or GateVerdict.INCONCLUSIVE
            found.append(self._said("max_failure_rate", self._gates.max_failure_rate, verdict, self._rate))
        if self._p99 is not None:
            assert self._gates.max_convergence_p99_ms is not None
            limit_ms = self._gates.max_convergence_p99_ms
            found.append(self._said("max_convergence_p99_ms", limit_ms, self._p99.verdict, self._p99))
        return found

    def _said(self, gate: str, limit: float, verdict: GateVerdict, by: RateGate | P99Gate) -> GateDecision:
        return GateDecision(
            gate=gate,
            limit=limit,
            api_delay_ms=self.api_delay_ms,
            verdict=verdict.value,
            reason=by.reason(self.api_delay_ms),
            judged=by.judged,
        )


class Gatekeeper:
    """The gates of a run. An error is no evidence, nor is an iteration whose gap was wrong and that does not count at its api-delay."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._points = {delay_ms: PointGates(scenario, delay_ms) for delay_ms in sorted(scenario.api_delay_ms)}
        self._retired: set[float] = set()
        self._postgres_wrong = 0
        self._iterations = 0
        self._errors = 0

    def add(self, conclusion: Conclusion, *, counts: bool) -> None:
        """Take in an iteration's verdict; `counts` says whether it counts at its api-delay."""
        self._iterations += 1
        self._errors += conclusion.verdict is Verdict.ERROR
        self._postgres_wrong += conclusion.verdict is Verdict.POSTGRES_WRONG
        evidence = counts and conclusion.verdict is not Verdict.ERROR
        self._take(conclusion.fired.iteration, conclusion.fired.api_delay_ms, conclusion if evidence else None)

    def add_dropped(self, iteration: int, api_delay_ms: float) -> None:
        """Take in an iteration that was never fired."""
        self._take(iteration, api_delay_ms, None)

    def _take(self, iteration: int, api_delay_ms: float, outcome: Outcome) -> None:
        # Each block of the plan has every api-delay once, so that the block's number is the place among those of one delay.
        self._points[api_delay_ms].add(iteration // len(self._points), outcome)

    def newly_decided(self) -> list[float]:
        """Return the api-delays at which nothing more is to be fired since the last question; none where gates do not stop a run."""
        if not self._scenario.gates.stop_early:
            return []
        found = [delay for delay, point in self._points.items() if delay not in self._retired and point.decided]
        self._retired.update(found)
        return found

    @property
    def retired(self) -> Set[float]:
        """The api-delays at which nothing more is to be fired."""
        return self._retired

    def decisions(self, *, finished: bool) -> list[GateDecision]:
        """Return what every gate says; `finished` where every iteration that was fired has its verdict."""
        if not self._scenario.gates.asked_for:
            return []
        found = [decision for point in self._points.values() for decision in point.decisions()]
        return [*found, self._postgres(finished), self._error_rate()]

    def _postgres(self, finished: bool) -> GateDecision:
        allowed, wrong = self._scenario.gates.postgres_wrong_allowed, self._postgres_wrong
        judged = self._iterations - self._errors
        verdict, reason = (
            GateVerdict.PASS,
            f"PostgreSQL was wrong in {wrong or 'none'} of {judged} iterations, {allowed} allowed",
        )
        if wrong > allowed:
            verdict = GateVerdict.FAIL
        elif not finished or judged == 0:
            verdict, reason = GateVerdict.INCONCLUSIVE, f"{reason}; the run did not come to its end"
        return GateDecision(
            gate="max_postgres_wrong",
            limit=allowed,
            api_delay_ms=None,
            verdict=verdict.value,
            reason=reason,
            judged=judged,
        )

    def _error_rate(self) -> GateDecision:
        limit, errors, iterations = self._scenario.gates.max_error_rate, self._errors, self._iterations
        within = bool(iterations) and errors < iterations and errors <= limit * iterations
        return GateDecision(
            gate="max_error_rate",
            limit=limit,
            api_delay_ms=None,
            verdict=(GateVerdict.PASS if within else GateVerdict.INCONCLUSIVE).value,
            reason=f"{errors or 'none'} of {iterations} iterations ended in errors, {percent(limit)} allowed",
            judged=iterations - errors,
        )
