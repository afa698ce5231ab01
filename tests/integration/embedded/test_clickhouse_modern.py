"""What the embedded engine answers as a present-day server does, and Debian's of version 18.16 cannot."""

import json
import uuid

import aiohttp
import pytest
from clickhouse_http import Client

from harness.embedded.stack import Stack


@pytest.fixture
def writer(session: aiohttp.ClientSession, embedded: Stack) -> Client:
    return Client.at(session, embedded.clickhouse_url)


class TestParameters:
    @pytest.mark.parametrize(
        ("kind", "value", "text"),
        [
            ("UInt8", "3", "3"),
            ("String", 'it\'s; "q" -- é', 'it\'s; "q" -- é'),
            ("String", "a\\tb", "a\tb"),
            ("String", "", ""),
            ("Nullable(Int32)", "\\N", None),
            ("Array(String)", "['a','b\\'c']", ["a", "b'c"]),
            ("DateTime64(6, 'UTC')", "2026-01-02 03:04:05.678901", "2026-01-02 03:04:05.678901"),
            ("Float64", "-0.1", "-0.1"),
        ],
    )
    async def test_of_each_type(self, writer: Client, kind: str, value: str, text: object) -> None:
        query = f"SELECT {{value:{kind}}} AS v FORMAT JSONEachRow"
        answer = await writer.post(query, param_value=value, output_format_json_quote_64bit_floats="1")
        assert answer.status == 200, answer.text
        seen = answer.json()["v"]
        assert (str(seen) if isinstance(seen, int | float) else seen) == text

    async def test_a_value_is_never_read_as_sql(self, writer: Client) -> None:
        answer = await writer.post("SELECT {value:String} FORMAT TSVRaw", param_value="'; DROP TABLE t; --")
        assert answer.text == "'; DROP TABLE t; --\n"

    async def test_thousands_of_keys_go_in_one(self, writer: Client) -> None:
        """As long key lists are sent, since the statement itself must stay short."""
        keys = "[" + ",".join(f"'{uuid.uuid4()}'" for _ in range(5_000)) + "]"
        answer = await writer.post("SELECT length({keys:Array(String)})", param_keys=keys)
        assert (answer.status, answer.text) == (200, "5000\n")

    async def test_names_of_tables(self, writer: Client, embedded: Stack) -> None:
        answer = await writer.post("SELECT count() FROM {d:Identifier}.{t:Identifier}", param_d="system", param_t="one")
        assert answer.text == "1\n"

    async def test_one_that_is_missing_is_an_error(self, writer: Client) -> None:
        answer = await writer.post("SELECT {value:UInt8}")
        assert (answer.status, answer.code, "`value` is not set" in answer.text) == (500, 456, True)

    async def test_one_of_the_wrong_type_is_an_error(self, writer: Client) -> None:
        answer = await writer.post("SELECT {value:UInt8}", param_value="x")
        assert (answer.status, answer.code) == (500, 457)

    async def test_of_an_earlier_query_are_forgotten(self, writer: Client) -> None:
        assert (await writer.post("SELECT {value:UInt8}", param_value="3")).text == "3\n"
        assert (await writer.post("SELECT {value:UInt8}")).code == 456


class TestHeaders:
    async def test_of_an_answer(self, writer: Client) -> None:
        headers = (await writer.post("SELECT 1 FORMAT JSON", query_id="mine")).headers
        assert headers["X-ClickHouse-Query-Id"] == "mine"
        assert headers["X-ClickHouse-Format"] == "JSON"
        assert headers["X-ClickHouse-Timezone"] == "UTC"
        assert headers["X-ClickHouse-Server-Display-Name"]

    async def test_a_query_without_an_id_is_given_one(self, writer: Client) -> None:
        given = {(await writer.post("SELECT 1")).headers["X-ClickHouse-Query-Id"] for _ in range(3)}
        assert len({uuid.UUID(query) for query in given}) == 3

    async def test_the_summary_tells_what_was_read(self, writer: Client) -> None:
        answer = await writer.post("SELECT count() FROM numbers(1000) WHERE number % 2")
        summary = json.loads(answer.headers["X-ClickHouse-Summary"])
        assert int(summary["read_rows"]) == 1000
        assert int(summary["elapsed_ns"]) > 0

    async def test_the_summary_tells_what_was_written(self, writer: Client) -> None:
        answer = await writer.insert("INSERT INTO FUNCTION null('a UInt8') FORMAT TSV", b"1\n2\n3\n")
        assert int(json.loads(answer.headers["X-ClickHouse-Summary"])["written_rows"]) == 3

    async def test_of_an_exception(self, writer: Client) -> None:
        answer = await writer.post("SELECT * FROM nope")
        assert answer.headers["X-ClickHouse-Exception-Code"] == "60"
        assert answer.headers["Content-Type"].lower() == "text/plain; charset=utf-8"

    async def test_the_database_by_header(self, writer: Client) -> None:
        answer = await writer.request("POST", b"SELECT currentDatabase()", {"X-ClickHouse-Database": "system"})
        assert answer.text == "system\n"

    async def test_the_format_by_header(self, writer: Client) -> None:
        answer = await writer.request("POST", b"SELECT 1 AS a", {"X-ClickHouse-Format": "CSVWithNames"})
        assert answer.text == '"a"\n1\n'

    @pytest.mark.parametrize(
        ("name", "content_type"),
        [
            ("JSONEachRow", "application/x-ndjson; charset=UTF-8"),
            ("JSONCompact", "application/json; charset=UTF-8"),
            ("Native", "application/octet-stream"),
            ("Parquet", "application/octet-stream"),
        ],
    )
    async def test_the_content_type_of_later_formats(self, writer: Client, name: str, content_type: str) -> None:
        assert (await writer.post(f"SELECT 1 FORMAT {name}")).headers["Content-Type"] == content_type


class TestNotOffered:
    """Refused by name, as NOT_IMPLEMENTED; never silently ignored."""

    @pytest.mark.parametrize(
        "name", ["session_id", "compress", "decompress", "role", "quota_key", "stacktrace", "async_insert"]
    )
    async def test_by_parameter(self, writer: Client, name: str) -> None:
        answer = await writer.post("SELECT 1", **{name: "1"})
        assert (answer.status, answer.code, name in answer.text) == (501, 48, True)

    async def test_external_tables(self, writer: Client) -> None:
        form = aiohttp.FormData()
        form.add_field("t", "1\n", filename="t.tsv")
        headers = {"X-ClickHouse-User": str(writer.user), "X-ClickHouse-Key": writer.password}
        parameters = {"query": "SELECT * FROM t", "t_structure": "a UInt8"}
        async with writer.session.post(writer.address, params=parameters, data=form, headers=headers) as answer:
            assert (answer.status, answer.headers["X-ClickHouse-Exception-Code"]) == (501, "48")

    @pytest.mark.parametrize("in_body", [True, False])
    async def test_insert_from_the_body_by_the_function_input(
        self, writer: Client, embedded: Stack, in_body: bool
    ) -> None:
        """The engine takes such a statement and inserts nothing, which must not look like success."""
        await writer.post("CREATE TABLE IF NOT EXISTS coaching.by_input (a UInt8) ENGINE = Memory")
        statement = "INSERT INTO coaching.by_input SELECT * FROM input('a UInt8') FORMAT TSV"
        answer = await (writer.post(f"{statement}\n1\n") if in_body else writer.insert(statement, b"1\n"))
        assert (answer.status, answer.code) == (501, 48)

    async def test_parameters_beside_data(self, writer: Client) -> None:
        statement = {"query": "INSERT INTO {table:Identifier} FORMAT TSV", "param_table": "t"}
        answer = await writer.request("POST", b"1\n", **statement)
        assert (answer.status, answer.code) == (501, 48)

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
    async def test_other_methods(self, writer: Client, method: str) -> None:
        assert (await writer.request(method, query="SELECT 1")).status in (405, 501)
