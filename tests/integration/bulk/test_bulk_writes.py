"""Tables that are written to while they are compared, and stores that must not be."""

from collections.abc import Awaitable, Callable

import pytest
from bulk_stores import Stores, names
from fakes import FakeClock

from harness.bulk.clickhouse import open_clickhouse_side
from harness.bulk.postgres import open_postgres_side
from harness.bulk.request import BulkTable
from harness.errors import StoreError
from harness.mapping import HeaderTable
from harness.units import NS_PER_S


class ActingClock(FakeClock):
    """Something happens each time that the settle time is waited for."""

    def __init__(self, act: Callable[[int], Awaitable[object]]) -> None:
        super().__init__()
        self.act = act
        self.waits = 0
        self.slept_ns = 0

    async def sleep_until(self, instant_ns: int) -> None:
        self.waits += 1
        self.slept_ns += max(0, instant_ns - self.now)
        await self.act(self.waits)
        await super().sleep_until(instant_ns)


async def nothing(_: int) -> None:
    pass


async def test_a_copy_that_lands_within_the_settle_time_is_no_difference(stores: Stores) -> None:
    await stores.fill(50)
    await stores.postgres("UPDATE scorecards SET agent = 'new'")
    clock = ActingClock(lambda _: stores.supersede("scorecards", "1", agent="'new'"))
    result = await stores.compare(clock, settle_s=3)
    assert result.equal
    assert result.tables[BulkTable.HEADERS].suspects == 50
    assert clock.waits == 1
    assert clock.slept_ns == 3 * NS_PER_S


async def test_a_scorecard_written_between_the_looks_gets_another(stores: Stores) -> None:
    """A write in the settle time is not held against ClickHouse until it has had as long again."""
    await stores.fill(50)
    await stores.postgres("UPDATE scorecards SET agent = 'new'")
    clock = ActingClock(stores.write_then_copy)
    assert (await stores.compare(clock)).equal
    assert clock.waits == 2


async def test_a_scorecard_written_between_all_looks_is_unsettled(stores: Stores) -> None:
    await stores.fill(50)
    condition = "scorecard_id = md5('7')"
    clock = ActingClock(lambda n: stores.postgres(f"UPDATE scorecards SET agent = 'state {n}' WHERE {condition}"))
    await stores.postgres(f"UPDATE scorecards SET agent = 'state 0' WHERE {condition}")
    result = await stores.compare(clock)
    assert (result.difference_count, result.unsettled_count) == (0, 1)
    assert result.unsettled[0].endswith("8f14e45fceea167a5a36dedd4bea2543")
    assert not result.equal


async def test_a_write_that_is_never_copied_is_a_difference(stores: Stores) -> None:
    await stores.fill(50)
    await stores.postgres("UPDATE scorecards SET agent = 'lost' WHERE scorecard_id = md5('7')")
    clock = ActingClock(nothing)
    result = await stores.compare(clock)
    assert names(result) == ["8f14e45fceea167a5a36dedd4bea2543"]
    assert clock.waits == 1


async def test_no_connection_can_write_even_as_the_owner(stores: Stores) -> None:
    async with open_postgres_side(stores.stack.postgres_dsn, stores.schema, 5) as side:
        for statement in (f"DELETE FROM {stores.schema}.scorecards", "CREATE TABLE planted ()", "SELECT nextval('s')"):
            await stores.postgres("CREATE SEQUENCE IF NOT EXISTS public.s")
            with pytest.raises(Exception, match="read-only transaction"):
                await side.fetch(statement)
        for setting, value in {"statement_timeout": "5s", "default_transaction_read_only": "on"}.items():
            assert await side.fetch(f"SHOW {setting}") == [(value,)]
    async with open_clickhouse_side(stores.url(stores.stack.clickhouse_url), 5) as side:
        for statement in ("INSERT INTO scores SELECT * FROM scores", "DROP TABLE scores", "TRUNCATE TABLE scores"):
            with pytest.raises(StoreError, match="readonly"):
                await side.post(statement)
        assert await side.post("SELECT value FROM system.settings WHERE name = 'max_execution_time'") == b"5\n"


async def test_the_right_to_select_is_enough(stores: Stores) -> None:
    role = f"role_{stores.schema}"
    await stores.fill(30)
    await stores.postgres(f"CREATE ROLE {role} LOGIN PASSWORD 'p'; GRANT USAGE ON SCHEMA {stores.schema} TO {role}")
    await stores.postgres(f"GRANT SELECT ON scorecards, scores TO {role}")
    try:
        dsn = f"postgresql://{role}:p@{stores.stack.postgres_dsn.rpartition('@')[2]}"
        assert (await stores.compare(postgres=dsn)).equal
    finally:
        await stores.postgres(f"DROP OWNED BY {role}; DROP ROLE {role}")


async def test_a_query_that_takes_too_long_ends_the_comparison(stores: Stores) -> None:
    await stores.fill(3)
    await stores.postgres("CREATE VIEW slow AS SELECT s.* FROM scorecards AS s, pg_sleep(3)")
    mapping = stores.mapping.postgres.model_copy(update={"headers": HeaderTable(table="slow")})
    with pytest.raises(StoreError, match="statement timeout"):
        await stores.compare(mapping=stores.mapping.model_copy(update={"postgres": mapping}), statement_timeout_s=0.2)


async def test_a_table_that_goes_away_in_the_middle_is_an_error(stores: Stores) -> None:
    await stores.fill(30)
    await stores.postgres("UPDATE scorecards SET agent = 'x'")
    clock = ActingClock(lambda _: stores.clickhouse("DROP TABLE scorecards"))
    with pytest.raises(StoreError, match="scorecards"):
        await stores.compare(clock)


async def test_a_missing_table_is_an_error(stores: Stores) -> None:
    mapping = stores.mapping.postgres.model_copy(update={"headers": HeaderTable(table="absent")})
    with pytest.raises(StoreError, match="absent"):
        await stores.compare(mapping=stores.mapping.model_copy(update={"postgres": mapping}))


async def test_a_server_that_is_not_there_is_an_error(stores: Stores) -> None:
    with pytest.raises(StoreError, match="cannot be reached"):
        await stores.compare(clickhouse="http://127.0.0.1:1/coaching")
    with pytest.raises(StoreError, match="cannot be reached"):
        await stores.compare(postgres="postgresql://127.0.0.1:1/coaching")
