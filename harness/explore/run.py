"""One exploration from what was asked for to its report: the stack, and the behaviours one after the other."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from harness import __version__
from harness.clock import SystemClock
from harness.embedded.stack import ClickHouseEngine, Stack, StackConfig, embedded_stack
from harness.errors import ExitCode, HarnessError, StoreError, first_error
from harness.explore.document import ExploreReport, behaviour_record
from harness.explore.explorer import explore
from harness.explore.outcome import Explored
from harness.explore.subject import Subject
from harness.machine import this_machine
from harness.model import Order
from harness.report.document import TargetVersions
from harness.report.results import new_run_id, replace_json
from harness.scenario import BehaviourName, FaultName

FILE = "explore.json"
BREAKDOWN_TOLD_S = 5.0


class Progress(Protocol):
    """Whoever watches an exploration."""

    def phase(self, text: str, total: int) -> None:
        """Take in what is being done now, in how many parts."""

    def advance(self) -> None:
        """Take in that one of them is done."""


@dataclass(frozen=True, slots=True)
class ExploreRequest:
    """What the user asked for. Without `out` nothing is written; `expect_clean` makes a bad interleaving a failure."""

    behaviours: tuple[BehaviourName, ...]
    faults: tuple[FaultName, ...]
    order: Order | None
    engine: ClickHouseEngine
    expect_clean: bool
    out: Path | None
    command: str

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """What is explored, in this order. Raises UsageError where two of the faults exclude each other."""
        subjects = tuple(Subject(behaviour, self.faults, self.order) for behaviour in self.behaviours)
        for subject in subjects:
            _ = subject.behaviour
        return subjects


class Exploration:
    """One exploration; `report` is true to what was explored at any time, also after an interruption."""

    def __init__(self, request: ExploreRequest, progress: Progress) -> None:
        self.request = request
        self.explored: list[Explored] = []
        self._progress = progress
        self._subjects = request.subjects
        self._clock = SystemClock()
        self._machine = this_machine()
        self._started_at = self._clock.utc()
        self._run_id = new_run_id(self._started_at)
        self._status: Literal["complete", "partial", "failed"] = "partial"

    @property
    def path(self) -> Path | None:
        """Where the report is written, None for nowhere."""
        return None if self.request.out is None else self.request.out / self._run_id / FILE

    async def execute(self) -> None:
        """Explore to the end and write the report; also where it fails or is cancelled. Raises HarnessError."""
        self._write()  # What cannot be written is better known before than after.
        try:
            await self._explore()
            self._status = "complete" if self.exhaustive else "failed"
        except (HarnessError, ExceptionGroup) as raised:
            if (error := first_error(raised)) is None:
                raise
            self._status = "failed"
            raise error from None
        finally:
            self._write()

    @property
    def exhaustive(self) -> bool:
        """Whether every interleaving of what was explored was played and judged."""
        return all(explored.exhaustive for explored in self.explored)

    @property
    def exit_code(self) -> ExitCode:
        """How the command ends after an exploration that was not interrupted: a counter-example is one, whatever else is not known."""
        bad = any(outcome.stale or outcome.postgres_wrong for one in self.explored for outcome in one.outcomes)
        if bad and self.request.expect_clean:
            return ExitCode.GATE_FAILED
        return ExitCode.OK if self.exhaustive else ExitCode.UNREACHABLE

    @property
    def report(self) -> ExploreReport:
        """The report on what was explored so far."""
        first = self.explored[0] if self.explored else None
        return ExploreReport(
            run_id=self._run_id,
            status=self._status,
            started_at=self._started_at,
            finished_at=self._clock.utc(),
            harness_version=__version__,
            command=self.request.command,
            faults=list(self.request.faults),
            order=_told(self.request.order),
            target=TargetVersions(
                service=f"reference-service {__version__}",
                postgres="unknown" if first is None else first.postgres,
                clickhouse="unknown" if first is None else first.clickhouse,
            ),
            machine=self._machine,
            expect_clean=self.request.expect_clean,
            behaviours=[behaviour_record(explored) for explored in self.explored],
        )

    async def _explore(self) -> None:
        self._progress.phase("starting the embedded stack", 1)
        async with embedded_stack(StackConfig(service=None, clickhouse=self.request.engine)) as stack:
            async with asyncio.TaskGroup() as group:
                breakdown = group.create_task(stack.ended())
                try:
                    await self._explore_on(stack)
                except StoreError:
                    # Where a part of the stack has died, that is the better reason, and it may be told a moment later.
                    await asyncio.wait({breakdown}, timeout=BREAKDOWN_TOLD_S)
                    raise
                breakdown.cancel()
            self._progress.phase("stopping the embedded stack", 1)

    async def _explore_on(self, stack: Stack) -> None:
        for subject in self._subjects:
            self._progress.phase(f"exploring {subject.name}", subject.expected)
            self.explored.append(await explore(subject, stack, self._clock, self._progress.advance))

    def _write(self) -> None:
        """Write the report where it is wanted. Raises ResultsError."""
        if self.path is not None:
            replace_json(self.path, self.report)


def _told(order: Order | None) -> Literal["update_first", "submit_first", "both"]:
    match order:
        case Order.UPDATE_FIRST:
            return "update_first"
        case Order.SUBMIT_FIRST:
            return "submit_first"
        case _:
            return "both"
