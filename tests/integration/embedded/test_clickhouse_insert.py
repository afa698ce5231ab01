"""Data on its way in, and compression both ways. One contract for both engines."""

import gzip

import pytest
from clickhouse_http import Client, Dialect


class TestInsert:
    @pytest.fixture
    async def table(self, writer: Client, database: str) -> str:
        answer = await writer.post(f"CREATE TABLE {database}.t (a Int32, b String) ENGINE = MergeTree ORDER BY a")
        assert answer.status == 200, answer.text
        return f"{database}.t"

    async def rows(self, writer: Client, table: str) -> str:
        return (await writer.post(f"SELECT a, b FROM {table} ORDER BY a FORMAT CSV")).text

    @pytest.mark.parametrize(
        ("clause", "data"),
        [
            ("FORMAT TSV", b"1\tx;y\n2\tz\\n\n"),
            ("FORMAT CSV", b'1,"x;y"\n2,"z\n"\n'),
            ("FORMAT JSONEachRow", b'{"a":1,"b":"x;y"}\n{"a":2,"b":"z\\n"}\n'),
            ("VALUES", b"(1,'x;y'),(2,'z\\n')"),
            ("(b, a) VALUES", b"('x;y',1),('z\\n',2)"),
            ("FORMAT RowBinary", b"\x01\x00\x00\x00\x03x;y\x02\x00\x00\x00\x02z\n"),
        ],
    )
    async def test_with_its_data_in_the_body(self, writer: Client, table: str, clause: str, data: bytes) -> None:
        answer = await writer.insert(f"INSERT INTO {table} {clause}", data)
        assert (answer.status, answer.body) == (200, b"")
        assert await self.rows(writer, table) == '1,"x;y"\n2,"z\n"\n'

    @pytest.mark.parametrize("text", ["VALUES (1,'x;y'),(2,'z\\n')", "FORMAT TSV\n1\tx;y\n2\tz\\n\n"])
    async def test_with_all_in_the_body(self, writer: Client, table: str, text: str) -> None:
        answer = await writer.post(f"INSERT INTO {table} {text}")
        assert (answer.status, await self.rows(writer, table)) == (200, '1,"x;y"\n2,"z\n"\n')

    async def test_with_rows_begun_in_the_url(self, writer: Client, table: str) -> None:
        answer = await writer.post("(2,'z\\n')", query=f"INSERT INTO {table} VALUES (1,'x;y'),")
        assert (answer.status, await self.rows(writer, table)) == (200, '1,"x;y"\n2,"z\n"\n')

    async def test_from_a_query(self, writer: Client, table: str) -> None:
        answer = await writer.post(f"INSERT INTO {table} SELECT toInt32(number), 'x' FROM system.numbers LIMIT 2")
        assert (answer.status, await self.rows(writer, table)) == (200, '0,"x"\n1,"x"\n')

    async def test_bytes_that_are_not_utf8_are_kept(self, writer: Client, table: str) -> None:
        await writer.insert(f"INSERT INTO {table} FORMAT TSV", b"1\t\xff\xfe\n")
        assert (await writer.post(f"SELECT b FROM {table} FORMAT RowBinary")).body == b"\x02\xff\xfe"

    async def test_of_more_than_a_megabyte(self, writer: Client, table: str) -> None:
        lines = [f"{number}\t{'v' * 40}" for number in range(40_000)]
        data = "\n".join(lines).encode()
        assert len(data) > 1 << 20
        answer = await writer.insert(f"INSERT INTO {table} FORMAT TSV", data)
        assert answer.status == 200, answer.text
        assert (await writer.post(f"SELECT count(), sum(a), uniqExact(b) FROM {table}")).text == "40000\t799980000\t1\n"
        assert len((await writer.post(f"SELECT a, b FROM {table}")).text.splitlines()) == 40_000

    @pytest.mark.parametrize(
        ("clause", "data"), [("FORMAT TSV", b"x\ty\n"), ("VALUES", b"(1"), ("FORMAT JSONEachRow", b'{"a":"x"}')]
    )
    async def test_of_bad_data_is_refused_and_leaves_nothing(
        self, writer: Client, dialect: Dialect, table: str, clause: str, data: bytes
    ) -> None:
        answer = await writer.insert(f"INSERT INTO {table} {clause}", data)
        assert answer.status == dialect.bad_data_status, answer.text
        assert await self.rows(writer, table) == ""

    async def test_in_an_unknown_format_is_not_found(self, writer: Client, table: str) -> None:
        answer = await writer.insert(f"INSERT INTO {table} FORMAT Nope", b"1\n")
        assert (answer.status, answer.code) == (404, 73)

    async def test_into_no_table_is_not_found(self, writer: Client, database: str) -> None:
        for answer in (
            await writer.insert(f"INSERT INTO {database}.nope FORMAT TSV", b"1\n"),
            await writer.post(f"INSERT INTO {database}.nope VALUES (1)"),
        ):
            assert (answer.status, answer.code) == (404, 60)


class TestCompression:
    async def test_of_the_answer_where_it_is_asked_for(self, writer: Client) -> None:
        accept = {"Accept-Encoding": "gzip"}
        answer = await writer.request("POST", b"SELECT 'x'", accept, enable_http_compression="1")
        assert (answer.headers["Content-Encoding"], gzip.decompress(answer.body)) == ("gzip", b"x\n")

    @pytest.mark.parametrize(
        ("accept", "parameters"),
        [({"Accept-Encoding": "gzip"}, {}), ({"Accept-Encoding": "identity"}, {"enable_http_compression": "1"})],
    )
    async def test_not_of_the_answer_where_it_is_not(
        self, writer: Client, accept: dict[str, str], parameters: dict[str, str]
    ) -> None:
        answer = await writer.request("POST", b"SELECT 'x'", accept, **parameters)
        assert ("Content-Encoding" in answer.headers, answer.body) == (False, b"x\n")

    async def test_of_an_error(self, writer: Client) -> None:
        accept = {"Accept-Encoding": "gzip"}
        answer = await writer.request("POST", b"SELECT * FROM nope", accept, enable_http_compression="1")
        packed = answer.headers.get("Content-Encoding") == "gzip"
        text = (gzip.decompress(answer.body) if packed else answer.body).decode()
        assert (answer.status, text.startswith("Code: 60")) == (404, True)

    async def test_of_the_query(self, writer: Client) -> None:
        answer = await writer.request("POST", gzip.compress(b"SELECT 1"), {"Content-Encoding": "gzip"})
        assert (answer.status, answer.text) == (200, "1\n")

    async def test_of_the_data(self, writer: Client, database: str) -> None:
        await writer.post(f"CREATE TABLE {database}.t (a Int32) ENGINE = Memory")
        data = gzip.compress("\n".join(map(str, range(100_000))).encode())
        answer = await writer.insert(f"INSERT INTO {database}.t FORMAT TSV", data, {"Content-Encoding": "gzip"})
        assert answer.status == 200, answer.text
        assert (await writer.post(f"SELECT count(), max(a) FROM {database}.t")).text == "100000\t99999\n"
