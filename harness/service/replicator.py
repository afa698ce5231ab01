"""The asynchronous copies from PostgreSQL to ClickHouse, one for each write call: where the incident's races are.

A copy takes its payload (what the call held in memory or its transaction left, or the scorecard read again), waits in the modelled
worker queue, and then writes header and scores. Nothing orders two copies of one scorecard: which of them writes last is decided
by when they started and how long they waited. With `cure` that no longer matters, since the version is not when a copy writes.
"""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterable

from harness.clock import Clock
from harness.scenario import CopyLatency
from harness.service.behaviours import Behaviour, History, Payload
from harness.service.copier import Copier
from harness.service.faults.planted import Planted
from harness.service.latency import draw_delay_ms
from harness.service.log import tell
from harness.service.records import Entity
from harness.service.refusals import NotFoundError
from harness.service.steps import Step, Steps
from harness.service.store import Store
from harness.units import MS_PER_S, NS_PER_MS

DRAIN_TIMEOUT_S = 10.0


class Replicator:
    """Starts copies and knows which are outstanding."""

    def __init__(
        self,
        store: Store,
        copier: Copier,
        behaviour: Behaviour,
        latency: CopyLatency,
        seed: int,
        clock: Clock,
        planted: Planted | None = None,
    ) -> None:
        self._store = store
        self._copier = copier
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
            tell(f"a copy of {name} was lost: it had not landed when the service ended")
        for task in unfinished:
            task.cancel()

    def _finished(self, name: str, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._outstanding[name] -= 1
        if not self._outstanding[name]:
            del self._outstanding[name]
        if not task.cancelled() and (error := task.exception()) is not None:
            tell(f"a copy of {name} was lost: {error!r}")

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
        await self._copier.write(payload, method, history_id)
