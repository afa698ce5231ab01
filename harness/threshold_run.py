"""A run that looks for the smallest safe api-delay: round after round in one session, each decided by the verdicts on those before.

Loads numpy, for 0.1 s; so only `harness threshold` imports it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace

from harness.check.conclusion import Conclusion
from harness.drive.session import Driver
from harness.errors import ExitCode
from harness.model import Fired, Verdict
from harness.observe.batch import StoreReaders
from harness.places import Progress, RunRequest
from harness.plan.schedule import Segment
from harness.report.document import Gate, IterationRecord, Report, Threshold, ThresholdRound, ThresholdTried
from harness.report.points import Points
from harness.run import Run
from harness.scenario import SettlePolicy
from harness.stats.threshold.answer import Outcome, Question
from harness.stats.threshold.search import Allocation, Search, Tried
from harness.verifier import Settled, Verifier

EXIT_CODES = {
    Outcome.FOUND: ExitCode.OK,
    Outcome.ALL_SAFE: ExitCode.OK,
    Outcome.NONE_SAFE: ExitCode.GATE_FAILED,
    Outcome.UNDECIDED: ExitCode.INCONCLUSIVE,
}


@dataclass(slots=True)
class Round:
    """What is in flight, and what came of it so far. Nothing of it is told to the search before all of it was judged."""

    allocations: Sequence[Allocation]
    fired: int = 0
    concluded: int = 0
    evidence: dict[float, Tried] = field(init=False)

    def __post_init__(self) -> None:
        self.evidence = {one.api_delay_ms: Tried(one.api_delay_ms, 0, 0) for one in self.allocations}

    def add(self, conclusion: Conclusion, *, off_schedule: bool) -> None:
        """Count an iteration; as evidence only where it was judged, and its gap was what was asked for."""
        self.concluded += 1
        if off_schedule or conclusion.verdict is Verdict.ERROR:
            return
        before = self.evidence[conclusion.fired.api_delay_ms]
        failures = before.failures + conclusion.verdict.is_failure
        self.evidence[before.api_delay_ms] = Tried(before.api_delay_ms, before.judged + 1, failures)


class ThresholdRun(Run):
    """One search; `report` is true to what was measured at any time, as that of any run.

    Verdicts are taken as soon as no copy is outstanding, where the target tells, since each round waits for those on the one before.
    """

    def __init__(self, request: RunRequest, progress: Progress, question: Question) -> None:
        super().__init__(request, progress)
        # Of the delays that are tried alone.
        self._points = Points((), request.scenario.firing)
        self._search = Search(question)
        self._round = Round(())
        self._rounds: list[ThresholdRound] = []
        self._news = asyncio.Event()
        self._said = ""

    @property
    def exit_code(self) -> ExitCode:
        """How the command ends after a search that was not interrupted."""
        if self._too_many_errors() is not None:
            return ExitCode.UNREACHABLE
        return EXIT_CODES[self._search.answer.outcome]

    @property
    def report(self) -> Report:
        """The report on what was measured so far, with the answer as far as it is known."""
        found = {"planned_iterations": self._search.question.max_iterations, "threshold": self.threshold}
        return super().report.model_copy(update=found)

    @property
    def threshold(self) -> Threshold:
        """The answer so far."""
        question, answer = self._search.question, self._search.answer
        return Threshold(
            outcome=answer.outcome.value,
            max_failure_rate=question.max_failure_rate,
            confidence=question.confidence,
            resolution_ms=question.resolution_ms,
            min_delay_ms=question.min_delay_ms,
            max_delay_ms=question.max_delay_ms,
            max_iterations=question.max_iterations,
            estimate_ms=answer.estimate_ms,
            low_ms=answer.low_ms,
            high_ms=answer.high_ms,
            safe_delay_ms=answer.safe_ms,
            exact=answer.exact,
            iterations=self._search.iterations,
            reason=self._too_many_errors() or answer.reason,
            rounds=self._rounds,
        )

    async def _firing(self, driver: Driver) -> AsyncIterator[Fired]:
        while allocations := self._search.next_round():
            self._say_what_is_likely()
            self._round = Round(allocations)
            for one in allocations:
                self._points.expect(one.api_delay_ms)
            counts = tuple((one.api_delay_ms, one.iterations) for one in allocations)
            first = self._search.iterations - sum(one.iterations for one in allocations)
            async for fired in driver.fire_segment(Segment(first, counts)):
                self._round.fired += 1
                yield fired
            await self._round_judged()
            self._tell()
            if self._too_many_errors() is not None:
                break
        await driver.finish()

    async def _take_evidence(
        self, conclusions: Sequence[Conclusion], records: Sequence[IterationRecord], driver: Driver
    ) -> None:
        for conclusion, record in zip(conclusions, records, strict=True):
            self._round.add(conclusion, off_schedule=record.off_schedule)
        self._news.set()

    async def _round_judged(self) -> None:
        """Wait for the last verdict of the round: failures take longer to fall, so a part of it would look better than the whole."""
        while self._round.concluded < self._round.fired:
            self._news.clear()
            await self._news.wait()

    def _tell(self) -> None:
        """Tell the search what came of the round."""
        evidence = self._round.evidence
        self._search.tell(evidence.values())
        low_ms, high_ms = self._search.interval_ms
        tried = [
            ThresholdTried(
                api_delay_ms=one.api_delay_ms,
                fired=one.iterations,
                judged=evidence[one.api_delay_ms].judged,
                failures=evidence[one.api_delay_ms].failures,
            )
            for one in self._round.allocations
        ]
        self._rounds.append(ThresholdRound(tried=tried, low_ms=low_ms, high_ms=high_ms))

    def _say_what_is_likely(self) -> None:
        """Tell the delays between which the threshold likely lies, where that is news."""
        low_ms, high_ms = self._search.likely_ms
        question = self._search.question
        low_ms = question.min_delay_ms if low_ms is None else low_ms
        text = f"likely above {low_ms:g} ms" if high_ms is None else f"likely {low_ms:g} to {high_ms:g} ms"
        if text != self._said:
            self._progress.phase(text)
            self._said = text

    def _new_verifier(self, readers: StoreReaders, settled: Settled | None) -> Verifier:
        if settled is not None:
            scenario = self.request.scenario.model_copy(update={"settle": SettlePolicy.QUIESCENT})
            self.request = replace(self.request, scenario=scenario)
        return super()._new_verifier(readers, settled)

    def _gate(self) -> Gate:
        """A search is asked a question and keeps no gate; what it found stands in its place."""
        reason = self._failure or self._too_many_errors() or self._search.answer.reason
        return Gate(max_failure_rate=None, verdict=None, reason=reason)
