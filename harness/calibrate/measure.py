"""One experiment on a stack of its own: the run, and what the service says of the faults that it was planted."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from harness.calibrate.experiments import Experiment
from harness.check.anomalies import Role
from harness.drive.copies import outstanding_copies
from harness.drive.target import Target, TokenSource
from harness.embedded.stack import ClickHouseEngine, StackConfig, embedded_stack
from harness.firing import FiringSettings
from harness.gate_settings import Gates
from harness.model import Verdict
from harness.places import External, Progress, RunRequest, service_config
from harness.report.document import IterationRecord, Report
from harness.report.results import ITERATIONS
from harness.run import Run
from harness.scenario import Scenario, StackSettings
from harness.store_source import CLICKHOUSE, POSTGRES, StoreSource

NAMES_A_QUESTION = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """One iteration: its verdict, the causes that were told, and the faults that took effect on its scorecard."""

    delay_ms: float
    verdict: Verdict
    causes: frozenset[str]
    affected: frozenset[str]


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of an experiment."""

    report: Report
    outcomes: tuple[Outcome, ...]


async def measure(experiment: Experiment, engine: ClickHouseEngine, seed: int, progress: Progress) -> Measured:
    """Run an experiment. Raises HarnessError where the stack or the run breaks down."""
    scenario = scenario_of(experiment, seed)
    async with AsyncExitStack() as stack:
        config = StackConfig(service=service_config(scenario.stack, seed), clickhouse=engine)
        places = await stack.enter_async_context(embedded_stack(config))
        assert places.target is not None
        target = Target(address=places.target, token=TokenSource(token=places.token))
        postgres = StoreSource(POSTGRES, address=places.postgres_reader_dsn)
        clickhouse = StoreSource(CLICKHOUSE, address=places.clickhouse_reader_url)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="harness-calibrate-")))
        external = External(target, postgres, clickhouse)
        run = Run(RunRequest(scenario, external, engine, folder, "harness calibrate"), progress)
        await run.execute()
        copies = await stack.enter_async_context(outstanding_copies(target))
        records = list(_records(run.folder.path / ITERATIONS))
        affected: dict[str, frozenset[str]] = {}
        for names in _pieces([record.scorecard for record in records if record.scorecard]):
            affected |= await copies.affected(names) if experiment.faults else {}
        return Measured(run.report, tuple(_outcome(record, affected) for record in records))


def scenario_of(experiment: Experiment, seed: int) -> Scenario:
    """Return the scenario that an experiment runs."""
    return Scenario(
        iterations=experiment.iterations,
        api_delay_ms=experiment.delays_ms,
        order=experiment.order,
        rate_per_s=experiment.rate_per_s,
        settle=experiment.settle,
        wait_s=experiment.wait_s,
        horizon_s=experiment.horizon_s,
        seed=seed,
        # Whatever happens is counted, never a reason to end without figures; refused calls are part of some faults.
        gates=Gates(max_error_rate=1.0),
        stack=StackSettings(behaviour=experiment.behaviour, faults=experiment.faults),
        firing=FiringSettings(calibration_s=0),
    )


def _records(path: Path) -> Iterator[IterationRecord]:
    with path.open() as lines:
        for line in lines:
            yield IterationRecord.model_validate_json(line)


def _pieces(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), NAMES_A_QUESTION):
        yield names[start : start + NAMES_A_QUESTION]


def _outcome(record: IterationRecord, affected: dict[str, frozenset[str]]) -> Outcome:
    causes = frozenset(a.anomaly_class for a in record.anomalies if a.role is Role.CAUSE)
    return Outcome(record.api_delay_ms, record.verdict, causes, affected.get(record.scorecard, frozenset()))
