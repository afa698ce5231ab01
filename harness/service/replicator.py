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
from datetime import UTC, datetime

from harness.clock import Clock
from harness.scenario import CopyLatency
from harness.service.behaviours import Behaviour, Payload, Version
from harness.service.clickhouse_writer import ClickHouseWriter
from harness.service.latency import draw_delay_ms
from harness.service.records import Entity
from harness.service.store import NotFoundError, Store
from harness.units import NS_PER_MS, US_PER_S

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
    ) -> None:
        self._store = store
        self._writer = writer
        self._behaviour = behaviour
        self._latency = latency
        self._seed = seed
        self._clock = clock
        self._outstanding: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        # Copies are drawn by their number, since names are random: the same seed gives the same series of delays.
        self._ordinals = itertools.count()

    def start(self, name: str, entity: Entity, method: str) -> None:
        """Start the copy that a call owes, and return at once; `name` is the scorecard's resource name."""
        self._outstanding[name] += 1
        task = asyncio.create_task(self._copy(name, entity, method))
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._finished(name, task))

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

    async def _copy(self, name: str, entity: Entity, method: str) -> None:
        payload = entity
        if self._behaviour.payload is Payload.REREAD:
            try:
                payload = await self._store.get(entity.key)
            except NotFoundError:
                return
        delay_ms = draw_delay_ms(self._latency, self._seed, f"copy {next(self._ordinals)}", method)
        # A whole millisecond more or less, as the loop's timers are, is nothing to a model of a queue.
        await self._clock.sleep_until(self._clock.now_ns() + round(delay_ms * NS_PER_MS))
        await self._write(payload)

    async def _write(self, entity: Entity) -> None:
        """Write both tables at once; the version is taken when the rows are handed over."""
        header = entity.header
        version = self._version(entity)
        key = (entity.key.customer_id, entity.key.profile_id, entity.key.scorecard_id)
        submitted = None if header.submitted_at is None else self._time(header.submitted_at)
        times = (submitted, header.submitter_user_id, self._time(header.created_at), self._time(header.updated_at))
        header_row = (*key, header.template, header.agent, header.creator, header.overall_score, *times, version, 0)
        score_rows = [
            (
                *key,
                score.criterion_id,
                score.numeric_value,
                score.ai_value,
                score.text_value,
                int(score.not_applicable),
                int(score.ai_scored),
                version,
                0,
            )
            for score in entity.scores
        ]
        async with asyncio.TaskGroup() as group:
            group.create_task(self._writer.headers.write([header_row]))
            if score_rows:
                group.create_task(self._writer.scores.write(score_rows))

    def _version(self, entity: Entity) -> int:
        match self._behaviour.version:
            case Version.WRITE_TIME:
                return time.time_ns()
            case Version.UPDATED_AT:
                return round(entity.header.updated_at.timestamp() * US_PER_S)
            case Version.REVISION:
                return entity.revision

    def _time(self, instant: datetime) -> str:
        """Return a time as ClickHouse takes it, in UTC."""
        pattern = "%Y-%m-%d %H:%M:%S" if self._writer.whole_seconds else "%Y-%m-%d %H:%M:%S.%f"
        return instant.astimezone(UTC).strftime(pattern)


def _tell(text: str) -> None:
    """Write to this process's log."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201
