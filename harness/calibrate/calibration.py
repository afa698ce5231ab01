"""The whole calibration: experiment after experiment, its document kept true to what was measured so far."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import __version__
from harness.calibrate.document import Calibration, ExperimentResult
from harness.calibrate.experiments import Experiment
from harness.calibrate.matrix import bounds_of, curve_of, detection_of
from harness.calibrate.measure import measure
from harness.clock import SystemClock
from harness.embedded.stack import ClickHouseEngine
from harness.errors import HarnessError, first_error
from harness.machine import this_machine
from harness.report.document import TargetVersions
from harness.report.results import replace_json
from harness.units import NS_PER_S

CALIBRATION = "calibration.json"


class Silent:
    """A progress that nobody watches."""

    def phase(self, text: str) -> None:
        """Take in what the run is doing now."""

    def advance(self, iterations: int, failures: int, errors: int) -> None:
        """Take in how many iterations have a verdict."""

    def expect(self, iterations: int) -> None:
        """Take in how many there will be."""


@dataclass(frozen=True, slots=True)
class CalibrationRequest:
    """What is asked: which experiments, on which engine, from which seed, how many side by side, and where the document goes."""

    experiments: Sequence[Experiment]
    engine: ClickHouseEngine
    seed: int
    quick: bool
    at_once: int
    out: Path
    command: str


class Calibrator:
    """One calibration; `document` is true to what was measured at any time, also after an interruption."""

    def __init__(self, request: CalibrationRequest, told: Callable[[ExperimentResult], None]) -> None:
        self._request = request
        self._told = told
        self._clock = SystemClock()
        self._started_at = self._clock.utc()
        self._results: dict[str, ExperimentResult] = {}
        self._versions = TargetVersions(service="unknown", postgres="unknown", clickhouse="unknown")
        self._status = "partial"

    async def execute(self) -> None:
        """Run every experiment; write the document after each. Raises HarnessError where one breaks down."""
        self._write()
        at_once = asyncio.Semaphore(self._request.at_once)
        try:
            async with asyncio.TaskGroup() as group:
                for experiment in self._request.experiments:
                    group.create_task(self._one(experiment, at_once))
            self._status = "complete"
        except (HarnessError, ExceptionGroup) as raised:
            if (error := first_error(raised)) is None:
                raise
            self._status = "failed"
            raise error from None
        finally:
            self._write()

    @property
    def document(self) -> Calibration:
        """What was found so far, in the order of the experiments."""
        order = [experiment.name for experiment in self._request.experiments]
        return Calibration.model_validate(
            {
                "started_at": self._started_at,
                "finished_at": None if self._status == "partial" else self._clock.utc(),
                "status": self._status,
                "harness_version": __version__,
                "command": self._request.command,
                "quick": self._request.quick,
                "seed": self._request.seed,
                "target": self._versions,
                "machine": this_machine(),
                "experiments": [self._results[name] for name in order if name in self._results],
            }
        )

    async def _one(self, experiment: Experiment, at_once: asyncio.Semaphore) -> None:
        async with at_once:
            started_ns = self._clock.now_ns()
            measured = await measure(experiment, self._request.engine, self._request.seed, Silent())
            detection, curve = detection_of(experiment, measured.outcomes), curve_of(measured.report.points)
            expected = experiment.expected
            result = ExperimentResult(
                name=experiment.name,
                kind=experiment.kind.value,
                behaviour=experiment.behaviour,
                faults=list(experiment.faults),
                api_delays_ms=list(experiment.delays_ms),
                order=experiment.order,
                expected_verdict=None if expected is None else expected.verdict,
                expected_cause=None if expected is None else expected.cause,
                detection=detection,
                curve=curve,
                bounds=bounds_of(experiment, detection, curve),
                seconds=(self._clock.now_ns() - started_ns) / NS_PER_S,
            )
            self._versions = measured.report.target.model_copy(update={"service": f"reference-service {__version__}"})
            self._results[experiment.name] = result
            self._write()
            self._told(result)

    def _write(self) -> None:
        """Replace the document as a whole. Raises ResultsError."""
        replace_json(self._request.out / CALIBRATION, self.document)
