"""One run from its scenario to its report: the only place that knows the order of the stages."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from functools import cached_property
from typing import Literal

from harness import __version__
from harness.check.conclusion import Conclusion
from harness.check.fields import FieldRules
from harness.check.verdict import VerdictRules
from harness.clock import SystemClock
from harness.drive.copies import outstanding_copies
from harness.drive.session import Driver, driver, idle_target
from harness.errors import ExitCode, HarnessError, UsageError, first_error
from harness.firing import OffSchedule
from harness.firing_stats import Certificate
from harness.gates.keeper import Gatekeeper
from harness.gates.words import summary
from harness.machine import this_machine
from harness.model import Content, Fired
from harness.observe.batch import StoreReaders, open_readers
from harness.places import Places, Progress, RunRequest, places_of
from harness.plan.content import planned_content
from harness.process import Child
from harness.report.curve import with_curve
from harness.report.document import Gate, IterationRecord, Point, Report, TargetVersions
from harness.report.firing import calibration_of, firing_of
from harness.report.points import Points
from harness.report.render import preload
from harness.report.results import ResultsFolder, new_run_id
from harness.scenario import SettlePolicy
from harness.stats.gate import GateVerdict, overall
from harness.units import NS_PER_S
from harness.verifier import Settled, Verifier

REPORT_PERIOD_S = 2.0


class Run:
    """One run; `report` is true to what was measured at any time, also after an interruption."""

    def __init__(self, request: RunRequest, progress: Progress) -> None:
        self.request = request
        self._progress = progress
        self._clock = SystemClock()
        self._started_at = self._clock.utc()
        self._status: Literal["complete", "partial", "failed"] = "partial"
        self._failure: str | None = None
        self._machine = this_machine()
        self._versions = TargetVersions(service="unknown", postgres="unknown", clickhouse="unknown")
        self._points = Points(request.scenario.api_delay_ms, request.scenario.firing)
        self._gates = Gatekeeper(request.scenario)
        self._fired: Counter[float] = Counter()
        self._finished = False
        self._driver: Driver | None = None
        self._certificate: Certificate | None = None
        self.folder = ResultsFolder(request.out, new_run_id(self._started_at))

    async def execute(self) -> None:
        """Run to the end and write the report; also where it fails or is cancelled. Raises HarnessError."""
        with self.folder:
            try:
                await self._measure()
                self._status = "failed" if self.exit_code is ExitCode.UNREACHABLE else "complete"
            except (HarnessError, ExceptionGroup) as raised:
                # By hand, not by `except*`: whether that wraps what is raised in it differs between Python's releases.
                if (error := first_error(raised)) is None:
                    raise
                self._status, self._failure = "failed", str(error)
                raise error from None
            finally:
                # First without its curve, so that nothing which a fit may meet costs what was measured.
                self.folder.write(self.report)
                self.folder.write(self.final_report)

    @property
    def exit_code(self) -> ExitCode:
        """How the command ends after a run that was not interrupted."""
        if self._too_many_errors() is not None:
            return ExitCode.UNREACHABLE
        codes = {"fail": ExitCode.GATE_FAILED, "inconclusive": ExitCode.INCONCLUSIVE}
        return codes.get(self._gate().verdict or "", ExitCode.OK)

    @property
    def points(self) -> list[Point]:
        """The points so far, by api-delay."""
        return self._points.documents

    @property
    def report(self) -> Report:
        """The report on what was measured so far."""
        scenario = self.request.scenario
        return Report(
            run_id=self.folder.path.name,
            status=self._status,
            started_at=self._started_at,
            finished_at=self._clock.utc(),
            harness_version=__version__,
            command=self.request.command,
            scenario=scenario.model_dump(mode="json"),
            seed=scenario.seed,
            target=self._versions,
            machine=self._machine,
            calibration=calibration_of(self._certificate),
            firing=firing_of([] if self._driver is None else self._driver.stats),
            planned_iterations=scenario.total_iterations,
            points=self.points,
            latency=self._points.latency,
            gate=self._gate(),
        )

    @cached_property
    def final_report(self) -> Report:
        """The report with the fits over its points, made once: for the end, since a fit costs a second."""
        return with_curve(self.report)

    async def _measure(self) -> None:
        scenario = self.request.scenario
        async with contextlib.AsyncExitStack() as stack, contextlib.AsyncExitStack() as calibrating:
            idle = await calibrating.enter_async_context(idle_target()) if scenario.firing.calibration_s else None
            places = await stack.enter_async_context(places_of(self.request, self._progress))
            self._progress.phase("trying the stores and the target")
            readers = await stack.enter_async_context(
                open_readers(places.postgres, places.clickhouse, scenario.mapping, self._clock)
            )
            self._driver = await stack.enter_async_context(driver(scenario, places.target, self._clock))
            if idle is not None:
                await self._calibrate(self._driver, await idle)
                await calibrating.aclose()
            postgres, clickhouse = await readers.versions()
            self._versions = TargetVersions(
                service=self._driver.facts.version, postgres=postgres, clickhouse=clickhouse
            )
            settled: Settled | None = None
            if self._driver.facts.reports_copies:
                settled = (await stack.enter_async_context(outstanding_copies(places.target))).settled
            elif scenario.settle is SettlePolicy.QUIESCENT:
                raise HarnessError("settle = quiescent needs a target that reports its outstanding copies; use fixed")
            self._progress.phase("firing")
            await self._fire_and_verify(self._driver, self._new_verifier(readers, settled), places)

    def _new_verifier(self, readers: StoreReaders, settled: Settled | None) -> Verifier:
        scenario = self.request.scenario
        rules = VerdictRules.of(
            wait_s=scenario.wait_s,
            horizon_s=scenario.horizon_s,
            poll_ms=scenario.poll_ms,
            quiescent=scenario.settle is SettlePolicy.QUIESCENT,
        )
        fields = FieldRules.of(readers.types)
        return Verifier(readers, settled, self._clock, rules, self._content, fields, self._conclude)

    def _content(self, iteration: int) -> Content:
        return planned_content(self.request.scenario, iteration)

    async def _fire_and_verify(self, driver: Driver, verifier: Verifier, places: Places) -> None:
        async with asyncio.TaskGroup() as group:
            verifying = group.create_task(verifier.run())
            background = [group.create_task(self._report_regularly())]
            if places.breakdown is not None:
                background.append(group.create_task(places.breakdown()))
            async for fired in self._firing(driver):
                verifier.add(fired)
            verifier.close()
            self._progress.phase("waiting for the last verdicts")
            group.create_task(asyncio.to_thread(preload))
            await verifying
            self._finished = True
            for task in background:
                task.cancel()

    async def _firing(self, driver: Driver) -> AsyncIterator[Fired]:
        """Fire what the run consists of; here the scenario's plan."""
        driver.dropped = self._gates.add_dropped
        async for fired in driver.fire():
            self._fired[fired.api_delay_ms] += 1
            yield fired

    async def _report_regularly(self) -> None:
        """Keep `report.json` fresh, so that a run that is killed leaves one that is hardly older than its end."""
        while True:
            self.folder.write(self.report)
            await self._clock.sleep_until(self._clock.now_ns() + round(REPORT_PERIOD_S * NS_PER_S))

    async def _conclude(self, conclusions: list[Conclusion]) -> None:
        """Write down a batch of verdicts, and let as many iterations be admitted."""
        records = [self._points.add(conclusion) for conclusion in conclusions]
        self.folder.append(records)
        assert self._driver is not None
        await self._take_evidence(conclusions, records, self._driver)
        # Counts alone: a whole point with its quantiles takes milliseconds to make, too long for every batch.
        points = self._points
        self._progress.advance(points.iterations + points.left_out, points.failures, points.errors)
        await self._driver.release(conclusion.fired.iteration for conclusion in conclusions)

    async def _take_evidence(
        self, conclusions: Sequence[Conclusion], records: Sequence[IterationRecord], driver: Driver
    ) -> None:
        """Have nothing more fired at an api-delay whose gates are decided; before permits are handed back, which would be used there."""
        keeps = self.request.scenario.firing.off_schedule is OffSchedule.KEEP
        for conclusion, record in zip(conclusions, records, strict=True):
            self._gates.add(conclusion, counts=keeps or not record.off_schedule)
        decided = self._gates.newly_decided()
        if decided:
            await driver.retire(decided)
        if retired := self._gates.retired:
            scenario = self.request.scenario
            going_on = scenario.iterations * (len(scenario.api_delay_ms) - len(retired))
            self._progress.expect(going_on + sum(self._fired[delay_ms] for delay_ms in retired))

    async def _calibrate(self, driver: Driver, idle: Child) -> None:
        """Measure what this machine's firing is good for. Raises UsageError where more is asked for, and not forced."""
        scenario = self.request.scenario
        self._progress.phase("measuring how exactly this machine fires")
        self._certificate = certificate = await driver.certify(idle)
        if certificate.max_pair_rate_per_s is None or scenario.firing.force:
            return
        limit_per_s = certificate.max_pair_rate_per_s * scenario.firing.workers
        if scenario.rate_per_s > limit_per_s:
            raise UsageError(
                f"{scenario.rate_per_s:g} iterations/s is more than this machine fires with exact gaps: {limit_per_s:g}/s, as measured "
                "just now; lower --rate, add --workers, or let --force go on regardless"
            )

    def _gate(self) -> Gate:
        """Decide the gate on what was measured so far; a run that was cut short or saw too many errors passes none."""
        limit = self.request.scenario.gates.max_failure_rate
        if (excuse := self._failure or self._too_many_errors()) is not None:
            return Gate(max_failure_rate=limit, verdict="inconclusive", reason=excuse)
        if not self.request.scenario.gates.asked_for:
            return Gate(max_failure_rate=None, verdict=None, reason="no gate was asked for")
        decisions = self._gates.decisions(finished=self._finished)
        verdict = overall(GateVerdict(decision.verdict) for decision in decisions)
        return Gate(
            max_failure_rate=limit,
            verdict=verdict.value,
            reason=summary(verdict.value, decisions),
            decisions=decisions,
            stopped_early=bool(self._gates.retired) and self._fired.total() < self.request.scenario.total_iterations,
        )

    def _too_many_errors(self) -> str | None:
        """Return why the run cannot be judged, None where it can."""
        limit, iterations, errors = (
            self.request.scenario.gates.max_error_rate,
            self._points.iterations,
            self._points.errors,
        )
        if iterations == errors:
            return "nothing could be judged" + (f": all {errors} iterations ended in errors" if errors else "")
        if errors / iterations > limit:
            return f"{errors} of {iterations} iterations ended in errors, more than {limit:.1%}"
        return None
