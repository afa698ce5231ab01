"""Who may do what over the ClickHouse HTTP interface. One contract for both engines."""

from pathlib import Path

import pytest
from clickhouse_http import Client, Dialect, setting


class TestHealth:
    async def test_ping_needs_no_password(self, stranger: Client) -> None:
        answer = await stranger.request("GET", path="ping")
        assert (answer.status, answer.text) == (200, "Ok.\n")

    async def test_a_get_without_a_query_says_ok(self, stranger: Client) -> None:
        answer = await stranger.request("GET")
        assert (answer.status, answer.text) == (200, "Ok.\n")

    async def test_an_unknown_path_is_not_found(self, writer: Client) -> None:
        answer = await writer.request("GET", path="nope")
        assert (answer.status, "There is no handle /nope" in answer.text) == (404, True)


class TestAuthentication:
    @pytest.mark.parametrize("way", ["headers", "basic", "parameters"])
    async def test_the_right_password_is_let_in(self, writer: Client, way: str) -> None:
        answer = await writer.saying_who_by(way).post("SELECT 1")
        assert (answer.status, answer.text) == (200, "1\n")

    @pytest.mark.parametrize("way", ["headers", "basic", "parameters"])
    async def test_a_wrong_password_is_refused(self, writer: Client, dialect: Dialect, way: str) -> None:
        answer = await writer.with_password("wrong").saying_who_by(way).post("SELECT 1")
        assert (answer.status, answer.code) == (dialect.refused_status, dialect.wrong_password_code)

    @pytest.mark.parametrize("way", ["headers", "basic", "parameters"])
    async def test_an_unknown_user_is_refused(self, writer: Client, dialect: Dialect, way: str) -> None:
        answer = await writer.named("nobody").saying_who_by(way).post("SELECT 1")
        assert (answer.status, answer.code) == (dialect.refused_status, dialect.unknown_user_code)

    async def test_no_user_at_all_is_refused(self, stranger: Client, dialect: Dialect) -> None:
        answer = await stranger.post("SELECT 1")
        assert answer.status == dialect.refused_status

    async def test_no_statement_of_a_refused_user_is_run(self, writer: Client, database: str) -> None:
        await writer.with_password("wrong").post("CREATE TABLE t (a Int8) ENGINE = Memory", database=database)
        assert (await writer.post("SHOW TABLES", database=database)).text == ""


class TestReadOnly:
    @pytest.mark.parametrize(
        "text",
        [
            "CREATE TABLE {}.u (a Int8) ENGINE = Memory",
            "INSERT INTO {}.t VALUES (1)",
            "INSERT INTO {}.t SELECT 1",
            "DROP TABLE {}.t",
            "ALTER TABLE {}.t ADD COLUMN b Int8",
        ],
    )
    async def test_a_reader_changes_nothing(self, writer: Client, reader: Client, database: str, text: str) -> None:
        await writer.post(f"CREATE TABLE {database}.t (a Int8) ENGINE = Memory")
        answer = await reader.post(text.format(database))
        assert (answer.status, answer.code) == (500, 164)
        assert (await writer.post("SHOW TABLES", database=database)).text == "t\n"
        assert (await writer.post(f"SELECT count() FROM {database}.t")).text == "0\n"
        assert (await writer.post(f"SELECT name FROM system.columns WHERE database = '{database}'")).text == "a\n"

    async def test_a_reader_cannot_send_data(self, writer: Client, reader: Client, database: str) -> None:
        await writer.post(f"CREATE TABLE {database}.t (a Int8) ENGINE = Memory")
        answer = await reader.insert(f"INSERT INTO {database}.t FORMAT TSV", b"1\n")
        assert (answer.status, answer.code) == (500, 164)
        assert (await writer.post(f"SELECT count() FROM {database}.t")).text == "0\n"

    async def test_a_reader_reads_and_sets_settings(self, reader: Client) -> None:
        assert await setting(reader, "max_block_size", max_block_size="77") == "77"

    @pytest.mark.parametrize("parameters", [{"readonly": "0"}, {}])
    async def test_a_reader_does_not_become_a_writer(self, reader: Client, parameters: dict[str, str]) -> None:
        answer = await reader.post("SET readonly = 0" if not parameters else "SELECT 1", **parameters)
        assert (answer.status, answer.code) == (500, 164)

    async def test_a_writer_is_a_reader_by_get(self, writer: Client, database: str) -> None:
        answer = await writer.get(f"CREATE TABLE {database}.t (a Int8) ENGINE = Memory")
        assert (answer.status, answer.code) == (500, 164)
        assert (await writer.post("SHOW TABLES", database=database)).text == ""

    async def test_nobody_writes_a_file_of_the_servers(self, writer: Client, reader: Client, tmp_path: Path) -> None:
        tmp_path.chmod(0o777)
        for client in (writer, reader):
            outfile = await client.post(f"SELECT 1 INTO OUTFILE '{tmp_path}/outfile'")
            assert outfile.status >= 400
        function = await reader.post(f"INSERT INTO FUNCTION file('{tmp_path}/function', 'TSV', 'a Int8') VALUES (1)")
        assert function.status >= 400
        assert list(tmp_path.iterdir()) == []
