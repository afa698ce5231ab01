"""Plays all interleavings of one behaviour on a stack's stores, many at once, and judges each when all have landed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import aiohttp
import asyncpg
from aiochclient import ChClientError

from harness.check.fields import FieldRules
from harness.check.judgement import judged_as_written
from harness.clock import Clock
from harness.embedded.stack import Stack
from harness.errors import StoreError
from harness.explore.gates import Gates
from harness.explore.outcome import Explored, Outcome
from harness.explore.play import Played, Player
from harness.explore.schedule import Schedule
from harness.explore.subject import Subject
from harness.mapping import StoreMapping
from harness.observe.batch import StoreReaders, open_readers
from harness.scenario import CopyLatency
from harness.service.clickhouse_writer import ClickHouseWriter
from harness.service.copier import Copier
from harness.service.faults.changes import table_faults
from harness.service.faults.planted import Planted
from harness.service.replicator import Replicator
from harness.service.store import Store
from harness.units import NS_PER_S

# Two calls of each scorecard hold a connection each while they wait at a gate, and the store's pool has 32.
AT_ONCE = 16
# The gates say when a copy writes, not the model of the queue.
NO_QUEUE = CopyLatency(median_ms=0.001, sigma=0, slow_share=0)
SEED = 1


async def explore(subject: Subject, stack: Stack, clock: Clock, advance: Callable[[], None]) -> Explored:
    """Return what came of every interleaving; `advance` is told of each that is over. Raises StoreError.

    The stack needs no service: the service's own code runs in this process, with gates between its steps. It makes the tables where
    they are not there yet, so a fault that lies in them needs a stack on which nothing was explored without it.
    """
    started_ns = clock.now_ns()
    schedules = subject.schedules
    async with open_player(subject, stack, clock) as player:
        played = await _play_all(player, schedules, advance)
    # Every copy has landed or been given up: what is read now is what stays.
    places = (stack.postgres_reader_dsn, stack.clickhouse_reader_url)
    async with open_readers(*places, StoreMapping(), clock) as readers:
        outcomes = await _judge(played, readers)
        postgres, clickhouse = await readers.versions()
    seconds = (clock.now_ns() - started_ns) / NS_PER_S
    return Explored(subject.name, subject.steps, subject.expected, outcomes, seconds, postgres, clickhouse)


@asynccontextmanager
async def open_player(subject: Subject, stack: Stack, clock: Clock) -> AsyncIterator[Player]:
    """Hold the parts of the service, put together as its own process does, the gates between their steps. Raises StoreError."""
    planted, gates = Planted(subject.faults), Gates()
    try:
        async with (
            Store.open(stack.postgres_dsn, subject.behaviour, planted) as store,
            ClickHouseWriter.open(stack.clickhouse_url, table_faults(subject.faults)) as writer,
        ):
            copier = Copier(writer, subject.behaviour, planted)
            replicator = Replicator(store, copier, subject.behaviour, NO_QUEUE, SEED, clock, planted)
            store.steps = replicator.steps = gates
            yield Player(store, replicator, gates, subject.name, clock)
    except (asyncpg.PostgresError, aiohttp.ClientError, ChClientError, OSError) as error:
        raise StoreError(f"the stores of the embedded stack cannot be used: {error}") from None


async def _play_all(player: Player, schedules: Sequence[Schedule], advance: Callable[[], None]) -> list[Played]:
    """Play the schedules, AT_ONCE of them at any time; return them in their order."""
    room = asyncio.Semaphore(AT_ONCE)

    async def play(number: int, schedule: Schedule) -> Played:
        async with room:
            played = await player.play(number, schedule)
        advance()
        return played

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(play(number, schedule)) for number, schedule in enumerate(schedules, 1)]
    return [task.result() for task in tasks]


async def _judge(played: Sequence[Played], readers: StoreReaders) -> tuple[Outcome, ...]:
    """Judge by the harness's own check. Raises StoreError."""
    rules = FieldRules.of(readers.types)
    snapshots = await readers.read([one.scorecard for one in played])
    outcomes = []
    for number, (one, snapshot) in enumerate(zip(played, snapshots, strict=True), 1):
        judgement = None if one.written is None else judged_as_written(snapshot, rules, one.written)
        outcomes.append(Outcome(number, one.schedule, one.scorecard, judgement, one.error))
    return tuple(outcomes)
