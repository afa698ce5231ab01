"""The asynchronous copies from PostgreSQL to ClickHouse, one for each write call: where the incident's races are.

A copy takes its payload (what the call held in memory or its transaction left, or the scorecard read again), waits in the modelled
worker queue, and then writes header and scores. Nothing orders two copies of one scorecard: which of them writes last is decided
by when they started and how long they waited. With `cure` that no longer matters, since the version is not when a copy writes.
"""

import asyncio
import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterable

from harness.clock import Clock
from harness.scenario import CopyLatency
from harness.service.behaviours import Behaviour, History, Payload, Version
from harness.service.clickhouse_writer import ClickHouseWriter
from harness.service.faults.planted import Planted
from harness.service.latency import draw_delay_ms
from harness.service.records import Entity, Key
from harness.service.refusals import NotFoundError, RolledBackError
from harness.service.rows import CopyPlan, header_rows, score_rows
from harness.service.steps import Step, Steps
from harness.service.store import Store
from harness.units import MS_PER_S, NS_PER_MS, US_PER_S

DRAIN_TIMEOUT_S = 10.0


class Replicator:
    """Starts copies and knows which are outstanding."""

    def __init__(
        self,
        store: Store,
        writer: ClickHouseWriter,
        behaviour: Behaviour,
        latency: CopyLatency,
        seed: int,
        clock: Clock,
        planted: Planted | None = None,
    ) -> None:
        self._store = store
        self._writer = writer
        self._behaviour = behaviour
        self._latency = latency
        self._seed = seed
        self._clock = clock
        self._planted = Planted() if planted is None else planted
        self.steps = Steps()
        self._outstanding: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        # Copies are drawn by their number, since names are random: the same seed gives the same series of delays.
        self._ordinals = itertools.count()

    def start(self, name: str, entity: Entity, method: str) -> "asyncio.Task[None]":
        """Start the copy that a call owes, and return it at once; `name` is the scorecard's resource name."""
        self._outstanding[name] += 1
        task = asyncio.create_task(self._copy(entity, method))
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._finished(name, task))
        return task

    def outstanding(self, names: Iterable[str]) -> list[str]:
        """Return those of the names that still owe a copy."""
        return [name for name in names if name in self._outstanding]

    async def drain(self) -> None:
        """Wait until every copy has landed, for ten seconds at most; those that have not by then are lost, and told."""
        if not self._tasks:
            return
        _, unfinished = await asyncio.wait(self._tasks, timeout=DRAIN_TIMEOUT_S)
        for name in self._outstanding:
            _tell(f"a copy of {name} was lost: it had not landed when the service ended")
        for task in unfinished:
            task.cancel()

    def _finished(self, name: str, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._outstanding[name] -= 1
        if not self._outstanding[name]:
            del self._outstanding[name]
        if not task.cancelled() and (error := task.exception()) is not None:
            _tell(f"a copy of {name} was lost: {error!r}")

    async def insert_before_commit(self, entity: Entity, method: str) -> None:
        """Write a call's copy while its transaction is open, and then fail it, where a fault says so. Raises RolledBackError."""
        if self._planted.rolls_back(entity.key, method):
            await self._write(entity, self._version(entity, 0), method)
            raise RolledBackError

    async def _copy(self, entity: Entity, method: str) -> None:
        if self._planted.drops(entity.key):
            return
        payload = entity
        if self._behaviour.payload is Payload.REREAD:
            await self.steps.at(Step.READ, entity.key, method)
            try:
                payload = await self._store.get(entity.key)
            except NotFoundError:
                return
        delay_ms = draw_delay_ms(self._latency, self._seed, f"copy {next(self._ordinals)}", method)
        delay_ms += self._planted.lateness_s(entity.key, method) * MS_PER_S
        # A whole millisecond more or less, as the loop's timers are, is nothing to a model of a queue.
        await self._clock.sleep_until(self._clock.now_ns() + round(delay_ms * NS_PER_MS))
        history_id = 0
        if self._behaviour.history is History.WITH_COPY:
            await self.steps.at(Step.HISTORY, entity.key, method)
            history_id = await self._store.save_history(payload, method)
        await self.steps.at(Step.WRITE, entity.key, method)
        await self._write(payload, self._version(payload, history_id), method)

    async def _write(self, entity: Entity, version: int, method: str) -> None:
        """Write both tables at once."""
        plan = self._planted.plan(entity, version, method)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._write_headers(entity.key, plan))
            if plan.scores:
                group.create_task(self._write_scores(entity.key, plan))

    async def _write_headers(self, key: Key, plan: CopyPlan) -> None:
        for insert in plan.headers:
            self._planted.tell_headers(key, insert)
            await self._writer.headers.write(header_rows(key, insert, whole_seconds=self._writer.whole_seconds))

    async def _write_scores(self, key: Key, plan: CopyPlan) -> None:
        for insert in plan.scores:
            self._planted.tell_scores(key, insert)
            await self._writer.scores.write(score_rows(key, insert))

    def _version(self, entity: Entity, history_id: int) -> int:
        """Return the version of what is written now."""
        updated_us = round(entity.header.updated_at.timestamp() * US_PER_S)
        match self._behaviour.version:
            case Version.WRITE_TIME:
                return time.time_ns()
            case Version.UPDATED_AT:
                return updated_us
            case Version.UPDATED_AT_SECOND:
                return updated_us // US_PER_S
            case Version.HISTORY_ID:
                return history_id
            case Version.REVISION:
                return entity.revision


def _tell(text: str) -> None:
    """Write to this process's log."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201
