"""Many clients at once. One contract for both engines."""

import asyncio

import aiohttp
import pytest
from clickhouse_http import Client, setting


class TestParallel:
    async def test_queries_run_side_by_side(self, writer: Client) -> None:
        """Four that take a second each are seen running at one time."""
        sleeping = [asyncio.create_task(writer.post("SELECT sleep(1), 'sleeper'")) for _ in range(4)]
        running = "SELECT count() FROM system.processes WHERE query LIKE '%sleeper%' AND query NOT LIKE '%processes%'"
        seen = 0
        while seen < 4 and not all(task.done() for task in sleeping):
            seen = max(seen, int((await writer.post(running)).text))
        assert seen == 4
        assert {answer.text for answer in await asyncio.gather(*sleeping)} == {"0\tsleeper\n"}

    async def test_a_long_query_holds_up_no_short_one(self, writer: Client, stranger: Client) -> None:
        long = asyncio.create_task(writer.post("SELECT sleep(2)"))
        for _ in range(5):
            assert (await writer.post("SELECT 1")).text == "1\n"
            assert (await stranger.request("GET", path="ping")).text == "Ok.\n"
        assert not long.done()
        assert (await long).text == "0\n"

    async def test_many_clients_with_settings_of_their_own(self, writer: Client) -> None:
        """Each of 200 concurrent queries sees its own settings and database and no other's."""

        async def ask(number: int) -> bool:
            own = str(1000 + number % 40)
            return await setting(writer, "max_block_size", max_block_size=own) == own

        assert await asyncio.gather(*(ask(number) for number in range(200))) == [True] * 200

    async def test_every_acknowledged_row_of_many_writers_is_there(self, writer: Client, database: str) -> None:
        await writer.post(f"CREATE TABLE {database}.t (a UInt32) ENGINE = MergeTree ORDER BY a")

        async def insert(number: int) -> int:
            data = f"{number}\n".encode()
            return (await writer.insert(f"INSERT INTO {database}.t FORMAT TSV", data)).status

        assert set(await asyncio.gather(*(insert(number) for number in range(200)))) == {200}
        assert (await writer.post(f"SELECT count(), uniqExact(a) FROM {database}.t")).text == "200\t200\n"

    async def test_a_client_that_leaves_hurts_nobody(self, writer: Client) -> None:
        for _ in range(5):
            with pytest.raises((TimeoutError, aiohttp.ClientError)):
                await asyncio.wait_for(writer.post("SELECT sleep(1)"), 0.05)
        assert (await writer.post("SELECT 1")).text == "1\n"
