"""Both stores behind one snapshot: in which order they are read, and what the instants enclose."""

import asyncio
from collections.abc import Callable

import asyncpg
import pytest
from observe_stores import PLAIN, US_PER_S, Analytics, Postgres, open_both, score

from harness.clock import SystemClock
from harness.errors import StoreError, UsageError
from harness.mapping import StoreMapping
from harness.model import ClickHouseRows, Scorecard, Versioned
from harness.observe.batch import open_readers
from harness.observe.names import ScorecardName

WHOLE = PLAIN._replace(create_time_us=US_PER_S, update_time_us=2 * US_PER_S)
WRITTEN = Scorecard(WHOLE, (score("x"),))


class TestSnapshots:
    async def test_come_in_the_order_of_the_names(
        self, postgres: Postgres, clickhouse: Analytics, new_name: Callable[[], ScorecardName]
    ) -> None:
        both, only_postgres, only_clickhouse, neither = (new_name() for _ in range(4))
        await postgres.write({both: WRITTEN, only_postgres: WRITTEN})
        for name in (both, only_clickhouse):
            await clickhouse.write(name, [Versioned(WHOLE, 1)], [Versioned(score("x"), 1)])
        names = [str(name) for name in (neither, only_clickhouse, both, only_postgres, both)]

        async with open_both(postgres, clickhouse) as readers:
            snapshots = await readers.read(names)

        assert [snapshot.scorecard for snapshot in snapshots] == names
        assert [snapshot.postgres for snapshot in snapshots] == [None, None, WRITTEN, WRITTEN, WRITTEN]
        assert [len(snapshot.clickhouse.final_headers) for snapshot in snapshots] == [0, 1, 1, 0, 1]
        assert snapshots[0].clickhouse == ClickHouseRows()

    async def test_are_of_postgres_first(self, postgres: Postgres, clickhouse: Analytics, name: ScorecardName) -> None:
        """A copy that lands after PostgreSQL was read is seen: were ClickHouse read first, it would be accused of lagging."""
        await postgres.write({name: WRITTEN})
        clock = SystemClock()
        async with open_both(postgres, clickhouse) as readers:
            lock = await asyncpg.connect(postgres.dsn)
            await lock.execute(f'BEGIN; LOCK TABLE "{postgres.schema}".scorecards')
            before_ns = clock.now_ns()
            reading = asyncio.create_task(readers.read([str(name)]))
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            async with asyncio.timeout(10):
                while not await postgres.owner.fetchval(waiting):
                    await asyncio.sleep(0.01)
            await clickhouse.write(name, [Versioned(WHOLE, 1)], [Versioned(score("x"), 1)])
            written_ns = clock.now_ns()
            await lock.close()
            (snapshot,) = await reading

        assert snapshot.postgres == WRITTEN
        assert [row.value for row in snapshot.clickhouse.final_headers] == [WHOLE]
        assert before_ns <= snapshot.read_started_ns < written_ns < snapshot.read_finished_ns <= clock.now_ns()

    async def test_of_no_names_are_none(self, postgres: Postgres, clickhouse: Analytics) -> None:
        async with open_both(postgres, clickhouse) as readers:
            assert await readers.read([]) == []

    @pytest.mark.parametrize("name", ["", "customers/c/profiles/p", "scorecards/x"])
    async def test_of_what_is_no_name_are_bad_usage(self, postgres: Postgres, clickhouse: Analytics, name: str) -> None:
        async with open_both(postgres, clickhouse) as readers:
            with pytest.raises(UsageError, match="customers/C/profiles/P/scorecards/ID"):
                await readers.read([name])


class TestOpening:
    async def test_tells_both_versions(self, postgres: Postgres, clickhouse: Analytics) -> None:
        async with open_both(postgres, clickhouse) as readers:
            of_postgres, of_clickhouse = await readers.versions()
        assert of_postgres[0].isdigit()
        assert of_clickhouse.startswith("26." if clickhouse.server.modern else "18.16")

    async def test_fails_where_clickhouse_lacks_a_table(self, postgres: Postgres, clickhouse: Analytics) -> None:
        await clickhouse.send("DROP TABLE scores")
        with pytest.raises(StoreError, match=r"ClickHouse .*no table 'scores'"):
            async with open_both(postgres, clickhouse):
                pass

    async def test_fails_where_postgres_lacks_a_table(self, postgres: Postgres, clickhouse: Analytics) -> None:
        await postgres.execute("DROP TABLE SCHEMA.scores")
        with pytest.raises(StoreError, match=r"PostgreSQL .*\.scores.* does not exist"):
            async with open_both(postgres, clickhouse):
                pass

    @pytest.mark.parametrize("url", ["clickhouse://u:hunter2@h:9000/db", "h:8123", ""])
    async def test_fails_where_the_url_is_none(self, postgres: Postgres, url: str) -> None:
        with pytest.raises(UsageError, match="--clickhouse takes the HTTP interface's URL") as raised:
            async with open_readers(postgres.dsn, url, StoreMapping(), SystemClock()):
                pass
        assert "hunter2" not in str(raised.value)
