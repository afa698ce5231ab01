"""Group commit: rows that wait for an insert go together, none gets lost, each waits for its own."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from breakable_links import ClickHouseLink, Fault, clickhouse_link
from reference_service import Stores, name_of, until

from harness.clock import SystemClock
from harness.scenario import BehaviourName, CopyLatency
from harness.service.behaviours import BEHAVIOURS
from harness.service.clickhouse_writer import ClickHouseWriter
from harness.service.copier import Copier
from harness.service.faults.planted import Planted
from harness.service.records import Entity, HeaderRow, Key, ScoreRow
from harness.service.replicator import Replicator
from harness.service.store import Store

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
AT_ONCE = CopyLatency(median_ms=0.01, sigma=0, slow_share=0)
Linked = tuple[ClickHouseLink, ClickHouseWriter]


@pytest.fixture
async def linked(stores: Stores) -> AsyncIterator[Linked]:
    """A writer on a link that a test can break."""
    async with (
        clickhouse_link(stores.stack.clickhouse_url) as (link, url),
        ClickHouseWriter.open(url) as writer,
    ):
        yield link, writer


def score(scorecard_id: str, version: int, value: float = 1.0) -> tuple[Any, ...]:
    return ("c", "p", scorecard_id, "a", value, None, None, 0, 0, version, 0)


async def versions(stores: Stores, scorecard_id: str) -> list[int]:
    return [int(row["version"]) for row in await stores.raw("scores", scorecard_id)]


async def test_rows_that_come_while_an_insert_is_under_way_go_together(
    linked: Linked, stores: Stores, scorecard_id: str
) -> None:
    link, writer = linked
    held = link.hold("scores")
    first = asyncio.create_task(writer.scores.write([score(scorecard_id, 1)]))
    await link.arrived["scores"].acquire()
    later = [asyncio.create_task(writer.scores.write([score(scorecard_id, number)])) for number in range(2, 7)]
    await asyncio.sleep(0)
    held.set()
    await asyncio.gather(first, *later)
    assert len(link.inserts) == 2
    assert await versions(stores, scorecard_id) == [1, 2, 3, 4, 5, 6]
    together = link.inserts[1][1].decode()
    places = [together.index(f",0,0,{number},0") for number in range(2, 7)]
    assert places == sorted(places)


async def test_each_waits_for_its_own_insert(linked: Linked, scorecard_id: str) -> None:
    link, writer = linked
    held = link.hold("scores")
    first = asyncio.create_task(writer.scores.write([score(scorecard_id, 1)]))
    await link.arrived["scores"].acquire()
    second = asyncio.create_task(writer.scores.write([score(scorecard_id, 2)]))
    await asyncio.sleep(0)
    held_again = link.hold("scores")
    held.set()
    await link.arrived["scores"].acquire()
    assert first.done()
    assert not second.done()
    held_again.set()
    await second


async def test_the_two_tables_do_not_wait_for_one_another(linked: Linked, scorecard_id: str) -> None:
    link, writer = linked
    held = link.hold("scorecards")
    time = "2026-01-01 00:00:00"
    header = ("c", "p", scorecard_id, "t", "a", "k", None, None, "", time, time, 1, 0)
    headers = asyncio.create_task(writer.headers.write([header]))
    await link.arrived["scorecards"].acquire()
    await writer.scores.write([score(scorecard_id, 1)])
    assert not headers.done()
    held.set()
    await headers


async def test_two_versions_of_one_row_in_one_insert_both_stay(
    linked: Linked, stores: Stores, scorecard_id: str
) -> None:
    _, writer = linked
    await writer.scores.write([score(scorecard_id, 2, 20.0), score(scorecard_id, 1, 10.0)])
    assert await versions(stores, scorecard_id) == [1, 2]
    assert [row["numeric_value"] for row in await stores.final("scores", scorecard_id)] == [20.0]


@pytest.mark.parametrize("fault", Fault)
async def test_an_insert_that_fails_is_tried_again(
    linked: Linked, stores: Stores, scorecard_id: str, fault: Fault
) -> None:
    link, writer = linked
    link.faults["scores"] = fault
    link.failures_left = 2
    await writer.scores.write([score(scorecard_id, 1)])
    assert link.failures_left == 0
    assert await versions(stores, scorecard_id) == [1]


@pytest.mark.parametrize("fault", Fault)
async def test_an_insert_that_keeps_failing_fails_all_who_wait_for_it_and_none_after(
    linked: Linked, stores: Stores, scorecard_id: str, fault: Fault
) -> None:
    link, writer = linked
    link.faults["scores"] = fault
    held = link.hold("scores")
    doomed = [asyncio.create_task(writer.scores.write([score(scorecard_id, number)])) for number in (1, 2)]
    await link.arrived["scores"].acquire()
    held.set()
    outcomes = await asyncio.gather(*doomed, return_exceptions=True)
    assert [isinstance(outcome, Exception) for outcome in outcomes] == [True, True]
    if fault is Fault.CUT:
        assert all(isinstance(outcome, aiohttp.ClientError) for outcome in outcomes)
    link.faults.clear()
    await writer.scores.write([score(scorecard_id, 3)])
    assert await versions(stores, scorecard_id) == [3]


async def test_a_writer_that_gives_up_does_not_stop_the_others(
    linked: Linked, stores: Stores, scorecard_id: str
) -> None:
    link, writer = linked
    held = link.hold("scores")
    given_up = asyncio.create_task(writer.scores.write([score(scorecard_id, 1)]))
    await link.arrived["scores"].acquire()
    given_up.cancel()
    await asyncio.wait({given_up})
    held.set()
    async with asyncio.timeout(10):
        await writer.scores.write([score(scorecard_id, 2)])
    assert 2 in await versions(stores, scorecard_id)


async def test_a_copy_whose_header_is_lost_is_told_and_later_copies_land(
    linked: Linked, stores: Stores, scorecard_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    link, writer = linked
    behaviour = BEHAVIOURS[BehaviourName.AS_FOUND]
    async with Store.open(stores.stack.postgres_dsn, behaviour) as store:
        replicator = Replicator(store, Copier(writer, behaviour, Planted()), behaviour, AT_ONCE, 1, SystemClock())
        link.faults["scorecards"] = Fault.REFUSED
        held = link.hold("scores")
        replicator.start(name_of("lost"), _entity("lost"), "CreateScorecard")

        async def given_up() -> bool:
            return not replicator.outstanding([name_of("lost")])

        await until(given_up)
        held.set()
        link.faults.clear()
        replicator.start(name_of(scorecard_id), _entity(scorecard_id), "CreateScorecard")
        async with asyncio.timeout(10):
            await replicator.drain()
    assert f"a copy of {name_of('lost')} was lost" in capsys.readouterr().err
    assert len(await stores.raw("scorecards", scorecard_id)) == 1
    assert len(await stores.raw("scores", scorecard_id)) == 1


def _entity(scorecard_id: str) -> Entity:
    header = HeaderRow("t", "a", "k", None, None, "", NOW, NOW)
    return Entity(Key("c", "p", scorecard_id), header, (ScoreRow("a", 1.0, None, None, False, False),))
