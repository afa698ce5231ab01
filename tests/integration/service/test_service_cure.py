"""The two behaviours that are never stale: whatever the order in which copies land, ClickHouse shows what PostgreSQL holds."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from breakable_links import ClickHouseLink, Fault, clickhouse_link
from reference_service import SLOWLY, Service, Stores, lock_waiters, locked_row, reference_service, scores

from harness.scenario import CopyLatency

PAIRS = 400
TOGETHER = 20


@pytest.fixture(params=["cure", "outbox"])
def behaviour(request: pytest.FixtureRequest) -> str:
    """Both that are never stale."""
    return str(request.param)


@pytest.fixture
async def racing(stores: Stores, tmp_path: Path, behaviour: str) -> AsyncIterator[Service]:
    """A service whose copies wait as in production, so that they overtake one another."""
    latency = CopyLatency(slow_share=0.5, slow_median_ms=60).model_dump()
    async with reference_service(stores.stack, tmp_path / "log", behaviour=behaviour, latency=latency) as service:
        yield service


async def pair(service: Service, scorecard_id: str, *, update_first: bool) -> None:
    """Call both at once."""
    calls = [
        lambda: service.update(scorecard_id, overall_score=2.5, scores=scores(9.0)),
        lambda: service.submit(scorecard_id),
    ]
    await asyncio.gather(*(call() for call in (calls if update_first else reversed(calls))))


async def test_pairs_at_once_always_converge(racing: Service, stores: Stores, behaviour: str) -> None:
    ids = [uuid.uuid4().hex for _ in range(PAIRS)]
    for batch in (ids[place : place + TOGETHER] for place in range(0, PAIRS, TOGETHER)):
        await asyncio.gather(*(racing.create(scorecard_id) for scorecard_id in batch))
        await asyncio.gather(*(pair(racing, name, update_first=bool(place % 2)) for place, name in enumerate(batch)))
    await racing.settled(*ids)
    assert await stores.differing(ids) == []
    # Otherwise nothing was put to the test. One relay has its own order.
    assert (await overtakings(stores, ids) > PAIRS / 10) == (behaviour == "cure")


async def overtakings(stores: Stores, ids: list[str]) -> int:
    """Return how many scorecards had an older state land after a newer one."""
    block = "toUInt64(extract(_part, '_([0-9]+)_[0-9]+_[0-9]+'))"
    listed = ", ".join(f"'{scorecard_id}'" for scorecard_id in ids)
    query = f"""
        SELECT count() FROM (
            SELECT scorecard_id, groupArray((version, {block})) AS rows FROM scorecards
            WHERE scorecard_id IN ({listed}) GROUP BY scorecard_id
            HAVING arrayExists(a -> arrayExists(b -> a.1 > b.1 AND a.2 < b.2, rows), rows))"""
    return int(await stores.ask(query))


@pytest.fixture
async def linked(stores: Stores, tmp_path: Path, behaviour: str) -> AsyncIterator[tuple[ClickHouseLink, Service]]:
    async with (
        clickhouse_link(stores.stack.clickhouse_url) as (link, url),
        reference_service(stores.stack, tmp_path / "log", behaviour=behaviour, clickhouse_url=url) as service,
    ):
        yield link, service


async def test_no_lock_is_held_while_clickhouse_is_written(
    linked: tuple[ClickHouseLink, Service], stores: Stores, scorecard_id: str
) -> None:
    link, service = linked
    await service.create(scorecard_id)
    await service.settled(scorecard_id)
    held = link.hold("scorecards")
    async with asyncio.timeout(5):
        await service.update(scorecard_id, agent="another")
        await service.submit(scorecard_id)
        await stores.postgres.fetchrow("SELECT FROM scorecards WHERE scorecard_id = $1 FOR UPDATE NOWAIT", scorecard_id)
    assert await service.outstanding(scorecard_id) != []
    held.set()
    await service.settled(scorecard_id)
    assert await stores.differing([scorecard_id]) == []


@pytest.mark.parametrize("first", ["update", "submit"])
async def test_each_write_sees_what_the_other_has_committed(
    cure: Service, stores: Stores, scorecard_id: str, first: str
) -> None:
    """Both calls are under way before either has the row's lock."""
    await cure.create(scorecard_id)
    calls = {
        "update": lambda: cure.update(scorecard_id, overall_score=2.5, scores=scores(9.0)),
        "submit": lambda: cure.submit(scorecard_id),
    }
    async with locked_row(stores.stack, scorecard_id):
        one = calls.pop(first)()
        await lock_waiters(stores.postgres, 1)
        other = calls.popitem()[1]()
        await lock_waiters(stores.postgres, 2)
    await one
    answer = await other
    assert (answer.submitter, answer.overall_score, answer.scores[0].numeric_value) == ("coach", 2.5, 9.0)
    row = await stores.row(scorecard_id)
    assert (row["submitter_user_id"], row["overall_score"], row["revision"]) == ("coach", 2.5, 3)
    last = (await stores.history(scorecard_id))[-1]
    assert {name: last[name] for name in row} == row
    assert last["scores"] == {"a": 9, "b": None}
    await cure.settled(scorecard_id)
    assert await stores.differing([scorecard_id]) == []


async def test_the_versions_are_the_revisions(cure: Service, stores: Stores, scorecard_id: str) -> None:
    await cure.create(scorecard_id)
    await cure.update(scorecard_id, agent="another")
    await cure.submit(scorecard_id)
    await cure.settled(scorecard_id)
    assert [int(row["version"]) for row in await stores.raw("scorecards", scorecard_id)] == [1, 2, 3]
    assert [row["revision"] for row in await stores.history(scorecard_id)] == [1, 2, 3]


@pytest.mark.parametrize(("behaviour", "landed"), [("outbox", ["coach"]), ("cure", [])])
async def test_a_copy_that_is_owed_outlives_the_process_in_an_outbox_alone(
    stores: Stores, tmp_path: Path, scorecard_id: str, behaviour: str, landed: list[str]
) -> None:
    async with reference_service(stores.stack, tmp_path / "1", behaviour=behaviour, latency=SLOWLY) as killed:
        await killed.create(scorecard_id)
        await killed.submit(scorecard_id)
        killed.child.process.kill()
        await killed.child.process.wait()
    assert await stores.raw("scorecards", scorecard_id) == []
    async with reference_service(stores.stack, tmp_path / "2", behaviour=behaviour) as service:
        other = f"{scorecard_id}-other"
        await service.create(other)
        await service.settled(other)
        shown = await stores.final("scorecards", scorecard_id)
    assert [row["submitter_user_id"] for row in shown] == landed
    assert await stores.postgres.fetchval("SELECT count(*) FROM outbox WHERE scorecard_id = $1", scorecard_id) == 0


async def test_an_outbox_waits_for_a_clickhouse_that_fails(
    linked: tuple[ClickHouseLink, Service], stores: Stores, scorecard_id: str, behaviour: str
) -> None:
    link, service = linked
    link.faults["scores"] = Fault.REFUSED
    link.failures_left = 6
    await service.create(scorecard_id)
    await service.settled(scorecard_id)
    if behaviour == "outbox":
        assert await stores.differing([scorecard_id]) == []
    else:
        assert await stores.final("scores", scorecard_id) == []
