"""Settings and databases hold for the request that names them and for no other. One contract for both engines."""

import pytest
from clickhouse_http import Client, Dialect, setting


class TestSettings:
    async def test_hold_for_their_query_alone(self, writer: Client) -> None:
        usual = await setting(writer, "max_block_size")
        assert await setting(writer, "max_block_size", max_block_size="77") == "77"
        assert await setting(writer, "max_block_size") == usual

    async def test_change_what_the_query_does(self, writer: Client) -> None:
        numbers = "SELECT number FROM system.numbers LIMIT 10"
        answer = await writer.post(numbers, max_result_rows="5", max_block_size="1")
        assert (answer.status, answer.code) == (500, 396)

    async def test_an_unknown_one_is_not_found(self, writer: Client) -> None:
        answer = await writer.post("SELECT 1", nosuch="1")
        assert (answer.status, answer.code) == (404, 115)

    async def test_set_does_not_outlive_its_request(self, writer: Client, dialect: Dialect) -> None:
        usual = await setting(writer, "max_block_size")
        assert (await writer.post("SET max_block_size = 77")).status == dialect.set_status
        for _ in range(20):
            assert await setting(writer, "max_block_size") == usual

    async def test_use_does_not_outlive_its_request(self, writer: Client, dialect: Dialect, database: str) -> None:
        assert (await writer.post(f"USE {database}")).status == dialect.set_status
        for _ in range(20):
            assert (await writer.post("SELECT currentDatabase()")).text == "default\n"

    async def test_read_only_by_set_does_not_outlive_its_request(
        self, writer: Client, dialect: Dialect, database: str
    ) -> None:
        assert (await writer.post("SET readonly = 1")).status == dialect.set_status
        for number in range(20):
            answer = await writer.post(f"CREATE TABLE {database}.t{number} (a Int8) ENGINE = Memory")
            assert answer.status == 200, answer.text

    @pytest.mark.parametrize(("name", "value"), [("buffer_size", "1000"), ("wait_end_of_query", "1")])
    async def test_how_the_answer_is_buffered_is_no_setting(self, writer: Client, name: str, value: str) -> None:
        assert (await writer.post("SELECT 1", **{name: value})).text == "1\n"


class TestDatabase:
    async def test_by_parameter(self, writer: Client, database: str) -> None:
        assert (await writer.post("SELECT currentDatabase()", database=database)).text == f"{database}\n"

    async def test_is_default_where_none_is_named(self, writer: Client) -> None:
        assert (await writer.post("SELECT currentDatabase()")).text == "default\n"

    async def test_an_unknown_one_is_not_found(self, writer: Client) -> None:
        answer = await writer.post("SELECT 1", database="nope")
        assert (answer.status, answer.code) == (404, 81)
