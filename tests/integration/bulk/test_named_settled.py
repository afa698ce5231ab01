"""Named scorecards on tables under write: a difference is judged when a second look finds it with PostgreSQL unchanged since the first."""

from collections.abc import Awaitable, Callable

import pytest
from bulk_stores import Stores
from test_bulk_writes import ActingClock, nothing

from harness.bulk import settled
from harness.bulk.confirm import LOOKS
from harness.bulk.settled import Examined, open_examiner
from harness.check.anomalies import AnomalyClass
from harness.errors import StoreError
from harness.units import NS_PER_S


async def names_of(stores: Stores) -> list[str]:
    rows = await stores.owner.fetch("SELECT customer_id, profile_id, scorecard_id FROM scorecards ORDER BY 3")
    return [f"customers/{c}/profiles/{p}/scorecards/{s}" for c, p, s in rows]


async def examined(
    stores: Stores, act: Callable[[int], Awaitable[object]] = nothing, settle_ns: int = 2 * NS_PER_S
) -> tuple[list[Examined], ActingClock]:
    clock, names = ActingClock(act), await names_of(stores)
    url = stores.url(stores.stack.clickhouse_reader_url)
    async with open_examiner(stores.stack.postgres_reader_dsn, url, stores.mapping, clock, settle_ns) as examiner:
        found = [one async for batch in examiner.examine(names) for one in batch]
    assert [one.snapshot.scorecard for one in found] == names
    return found, clock


async def test_what_agrees_is_looked_at_once(stores: Stores) -> None:
    await stores.fill(20)
    found, clock = await examined(stores)
    assert all(one.agrees and one.settled for one in found)
    assert clock.waits == 0


async def test_a_copy_that_lands_within_the_settle_time_is_no_difference(stores: Stores) -> None:
    await stores.fill(20)
    await stores.postgres("UPDATE scorecards SET agent = 'new'")
    found, clock = await examined(stores, lambda _: stores.supersede("scorecards", "1", agent="'new'"))
    assert all(one.agrees and one.settled for one in found)
    assert (clock.waits, clock.slept_ns) == (1, 2 * NS_PER_S)


async def test_what_still_differs_is_judged_and_it_alone_is_looked_at_again(stores: Stores) -> None:
    await stores.fill(20)
    one = (await names_of(stores))[7]
    await stores.postgres("UPDATE scorecards SET agent = 'new' WHERE scorecard_id = $1", one.rpartition("/")[2])
    found, clock = await examined(stores)
    assert [f.snapshot.scorecard for f in found if not f.agrees] == [one]
    assert all(f.settled for f in found)
    assert [f.snapshot.read_started_ns > 0 for f in found] == [f.snapshot.scorecard == one for f in found]
    assert clock.waits == 1


async def test_a_scorecard_written_between_the_looks_gets_another(stores: Stores) -> None:
    await stores.fill(3)
    await stores.postgres("UPDATE scorecards SET agent = 'new'")
    found, clock = await examined(stores, stores.write_then_copy)
    assert all(one.agrees and one.settled for one in found)
    assert clock.waits == 2


async def test_what_is_written_between_all_looks_is_not_settled(stores: Stores) -> None:
    await stores.fill(3)
    last = (await names_of(stores))[-1].rpartition("/")[2]
    await stores.postgres("UPDATE scorecards SET agent = 'new'")
    statement = "UPDATE scorecards SET overall_score = $2 WHERE scorecard_id = $1"
    found, clock = await examined(stores, lambda wait: stores.postgres(statement, last, 1000.0 + wait))
    assert [one.settled for one in found] == [True, True, False]
    assert not any(one.agrees for one in found)
    assert clock.waits == LOOKS


async def test_a_value_that_is_not_a_number_is_no_write(stores: Stores) -> None:
    """It is not even equal to itself, in two looks at a row that nobody has touched."""
    await stores.fill(1)
    await stores.postgres("UPDATE scorecards SET overall_score = 'NaN'")
    (found,), clock = await examined(stores)
    assert (found.settled, found.agrees, clock.waits) == (True, False, 1)


async def test_without_a_settle_time_there_is_a_single_look(stores: Stores) -> None:
    await stores.fill(1)
    await stores.postgres("UPDATE scorecards SET agent = 'new'")
    (found,), clock = await examined(stores, settle_ns=0)
    assert (found.settled, found.agrees, clock.waits) == (True, False, 0)
    assert AnomalyClass.STALE_HEADER in {anomaly.anomaly_class for anomaly in found.anomalies}


async def test_batches_come_in_order(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those whose scorecards were looked at again while later ones were read."""
    monkeypatch.setattr(settled, "BATCH", 3)
    await stores.fill(20)
    await stores.postgres("UPDATE scorecards SET agent = 'new' WHERE scorecard_id < '4'")
    found, _ = await examined(stores)
    differing = await stores.owner.fetchval("SELECT count(*) FROM scorecards WHERE agent = 'new'")
    assert sum(not one.agrees for one in found) == differing > 0


async def test_a_store_that_fails_in_the_middle_ends_it(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settled, "BATCH", 3)
    await stores.fill(20)
    await stores.postgres("UPDATE scorecards SET agent = 'new'")
    with pytest.raises(StoreError, match="does not exist"):
        await examined(stores, lambda wait: stores.postgres("DROP TABLE IF EXISTS scores"))
