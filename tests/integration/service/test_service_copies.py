"""The copies to ClickHouse, by a service in this process whose clock the test holds."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from reference_service import Service, Stores, draft, name_of, scores

from harness.scenario import BehaviourName, CopyLatency
from harness.service.behaviours import BEHAVIOURS, Behaviour, Payload, Version
from harness.service.clickhouse_writer import ClickHouseWriter
from harness.service.conversion import header_of, scores_of
from harness.service.copier import Copier
from harness.service.faults.planted import Planted
from harness.service.records import Entity, Key, Update
from harness.service.replicator import Replicator
from harness.service.store import Store
from harness.units import NS_PER_MS

FIX3 = BEHAVIOURS[BehaviourName.FIX3]
LATENCY = CopyLatency(median_ms=25, sigma=0, slow_share=0)


@dataclass(slots=True)
class HeldClock:
    """A clock that stands still: whoever sleeps does so until the test lets it go."""

    asleep: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    go: asyncio.Event = field(default_factory=asyncio.Event)
    wanted_ns: list[int] = field(default_factory=list)

    def now_ns(self) -> int:
        return 0

    def utc(self) -> datetime:
        return datetime.now(UTC)

    async def sleep_until(self, instant_ns: int) -> None:
        self.wanted_ns.append(instant_ns)
        self.asleep.release()
        await self.go.wait()

    sleep_until_exactly = sleep_until


@dataclass(frozen=True, slots=True)
class Pieces:
    """A service without its gRPC."""

    store: Store
    replicator: Replicator
    clock: HeldClock

    async def create(self, scorecard_id: str) -> Entity:
        header, rows = header_of(draft()), scores_of(scores(1.0))
        return await self.store.create(Key("c", "p", scorecard_id), header, rows)

    def start_copy(self, entity: Entity) -> None:
        self.replicator.start(name_of(entity.key.scorecard_id), entity, "UpdateScorecard")

    async def copy(self, entity: Entity) -> None:
        """Make one copy and wait until it has landed."""
        self.start_copy(entity)
        self.clock.go.set()
        await self.replicator.drain()


Make = Callable[[Behaviour], AbstractAsyncContextManager[Pieces]]


@pytest.fixture
def pieces(stores: Stores) -> Make:
    @asynccontextmanager
    async def make(behaviour: Behaviour) -> AsyncIterator[Pieces]:
        clock = HeldClock()
        async with (
            Store.open(stores.stack.postgres_dsn, behaviour) as store,
            ClickHouseWriter.open(stores.stack.clickhouse_url) as writer,
        ):
            replicator = Replicator(store, Copier(writer, behaviour, Planted()), behaviour, LATENCY, 1, clock)
            yield Pieces(store, replicator, clock)
            clock.go.set()
            await replicator.drain()

    return make


async def equal(stores: Stores, scorecard_id: str) -> bool:
    """Whether ClickHouse shows what PostgreSQL holds, in every column of both tables."""
    shown = [await stores.final(table, scorecard_id) for table in ("scorecards", "scores")]
    held = [await stores.rows(table, scorecard_id) for table in ("scorecards", "scores")]
    assert held[0]
    return shown == held


async def test_each_call_lands_as_postgres_has_it(service: Service, stores: Stores, scorecard_id: str) -> None:
    writes: list[Callable[[], Any]] = [
        lambda: service.create(scorecard_id),
        lambda: service.update(scorecard_id, overall_score=0.1, scores=scores(0.0)),
        lambda: service.update(scorecard_id, "overall_score", "agent"),
        lambda: service.submit(scorecard_id),
    ]
    for write in writes:
        await write()
        await service.settled(scorecard_id)
        assert await equal(stores, scorecard_id)


async def test_every_copy_writes_header_and_scores_in_one_version(
    fix3: Service, stores: Stores, scorecard_id: str
) -> None:
    await fix3.create(scorecard_id)
    await fix3.settled(scorecard_id)
    await fix3.submit(scorecard_id)
    await fix3.settled(scorecard_id)
    headers = await stores.raw("scorecards", scorecard_id)
    rows = await stores.raw("scores", scorecard_id)
    versions = [header["version"] for header in headers]
    assert [header["submitter_user_id"] for header in headers] == ["", "coach"]
    assert [row["version"] for row in rows] == sorted(versions * 2)
    assert all(row["deleted"] == 0 for row in headers + rows)


async def test_a_scorecard_without_scores_lands_as_a_header(fix3: Service, stores: Stores, scorecard_id: str) -> None:
    await fix3.create(scorecard_id, scores=[])
    await fix3.settled(scorecard_id)
    assert await equal(stores, scorecard_id)
    assert await stores.raw("scores", scorecard_id) == []


async def test_a_closure_writes_what_the_call_held(pieces: Make, stores: Stores, scorecard_id: str) -> None:
    async with pieces(replace(FIX3, payload=Payload.CLOSURE)) as service:
        entity = await service.create(scorecard_id)
        await service.store.submit(entity.key, "coach")
        await service.copy(entity)
    assert [row["submitter_user_id"] for row in await stores.final("scorecards", scorecard_id)] == [""]
    assert not await equal(stores, scorecard_id)


async def test_a_reread_writes_what_was_committed_since(pieces: Make, stores: Stores, scorecard_id: str) -> None:
    async with pieces(FIX3) as service:
        entity = await service.create(scorecard_id)
        await service.store.update(entity.key, Update({"agent": "another"}, scores_of(scores(9.0)), ""))
        await service.store.submit(entity.key, "coach")
        await service.copy(entity)
    assert [row["submitter_user_id"] for row in await stores.final("scorecards", scorecard_id)] == ["coach"]
    assert await equal(stores, scorecard_id)


async def test_what_is_committed_while_a_copy_waits_is_not_in_it(
    pieces: Make, stores: Stores, scorecard_id: str
) -> None:
    async with pieces(FIX3) as service:
        entity = await service.create(scorecard_id)
        service.start_copy(entity)
        await service.clock.asleep.acquire()
        await service.store.submit(entity.key, "coach")
        service.clock.go.set()
        await service.replicator.drain()
    assert [row["submitter_user_id"] for row in await stores.final("scorecards", scorecard_id)] == [""]


async def test_a_copy_waits_as_long_as_the_model_says(pieces: Make, scorecard_id: str) -> None:
    async with pieces(FIX3) as service:
        await service.copy(await service.create(scorecard_id))
    assert service.clock.wanted_ns == [25 * NS_PER_MS]


async def test_nothing_is_written_before_the_wait_is_over(pieces: Make, stores: Stores, scorecard_id: str) -> None:
    async with pieces(FIX3) as service:
        service.start_copy(await service.create(scorecard_id))
        await service.clock.asleep.acquire()
        assert service.replicator.outstanding([name_of(scorecard_id)]) == [name_of(scorecard_id)]
        assert await stores.raw("scorecards", scorecard_id) == []
    assert len(await stores.raw("scorecards", scorecard_id)) == 1
    assert service.replicator.outstanding([name_of(scorecard_id)]) == []


async def test_the_version_is_the_time_of_the_write(pieces: Make, stores: Stores, scorecard_id: str) -> None:
    async with pieces(replace(FIX3, version=Version.WRITE_TIME)) as service:
        service.start_copy(await service.create(scorecard_id))
        await service.clock.asleep.acquire()
        before_ns = time.time_ns()
        service.clock.go.set()
        await service.replicator.drain()
    versions = [int(row["version"]) for row in await stores.raw("scorecards", scorecard_id)]
    assert len(versions) == 1
    assert before_ns <= versions[0] <= time.time_ns()


async def test_the_version_is_the_update_time_in_microseconds(pieces: Make, stores: Stores, scorecard_id: str) -> None:
    async with pieces(replace(FIX3, version=Version.UPDATED_AT)) as service:
        await service.copy(await service.create(scorecard_id))
    query = "SELECT (extract(epoch FROM updated_at) * 1000000)::bigint FROM scorecards WHERE scorecard_id = $1"
    updated_us = await stores.postgres.fetchval(query, scorecard_id)
    for table, count in (("scorecards", 1), ("scores", 2)):
        assert [int(row["version"]) for row in await stores.raw(table, scorecard_id)] == [updated_us] * count


async def test_a_scorecard_owes_a_copy_until_all_its_copies_have_landed(pieces: Make, scorecard_id: str) -> None:
    names = [name_of(scorecard_id)]
    async with pieces(FIX3) as service:
        entity = await service.create(scorecard_id)
        service.start_copy(entity)
        service.start_copy(entity)
        assert service.replicator.outstanding([*names, name_of("none")]) == names
        for _ in range(2):
            await service.clock.asleep.acquire()
        assert service.replicator.outstanding(names) == names
        service.clock.go.set()
        await service.replicator.drain()
        assert service.replicator.outstanding(names) == []


async def test_a_copy_that_does_not_land_in_time_at_the_end_is_told(
    pieces: Make, scorecard_id: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("harness.service.replicator.DRAIN_TIMEOUT_S", 0.02)
    async with pieces(FIX3) as service:
        service.start_copy(await service.create(scorecard_id))
        await service.clock.asleep.acquire()
        await service.replicator.drain()
        assert f"a copy of {name_of(scorecard_id)} was lost" in capsys.readouterr().err
