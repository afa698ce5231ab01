"""Queries, formats and exceptions over the ClickHouse HTTP interface. One contract for both engines."""

import asyncio
import re
from urllib.parse import urlsplit

import pytest
from clickhouse_http import Client, Dialect


class TestQuery:
    async def test_in_the_url_by_get(self, writer: Client) -> None:
        answer = await writer.get("SELECT 1")
        assert (answer.status, answer.text) == (200, "1\n")

    async def test_in_the_body(self, writer: Client) -> None:
        assert (await writer.post("SELECT 1")).text == "1\n"

    async def test_in_the_url_by_post(self, writer: Client) -> None:
        assert (await writer.post("", query="SELECT 1")).text == "1\n"

    async def test_begun_in_the_url_and_ended_in_the_body(self, writer: Client) -> None:
        assert (await writer.post("1", query="SELECT ")).text == "1\n"

    async def test_by_head_gives_the_headers_alone(self, writer: Client) -> None:
        answer = await writer.request("HEAD", query="SELECT 1")
        assert (answer.status, answer.body) == (200, b"")

    @pytest.mark.parametrize("text", ["SELECT 1;", "SELECT 1;\n\n", "-- a comment\nSELECT 1", "/* ; */ SELECT 1"])
    async def test_comments_and_a_last_semicolon_do_no_harm(self, writer: Client, text: str) -> None:
        assert (await writer.post(text)).text == "1\n"

    async def test_of_any_characters(self, writer: Client) -> None:
        assert (await writer.post("SELECT 'é☃😀; FORMAT JSON'")).text == "é☃😀; FORMAT JSON\n"

    async def test_two_at_once_are_refused_and_neither_is_run(self, writer: Client, database: str) -> None:
        create = "CREATE TABLE {} (a Int8) ENGINE = Memory"
        answer = await writer.post(f"{create.format('t')}; {create.format('u')}", database=database)
        # In which words is not for long the same: once in thousands the old server calls it a syntax error like any other.
        assert (answer.status, answer.code) == (400, 62), answer.text
        assert (await writer.post("SHOW TABLES", database=database)).text == ""

    async def test_by_post_needs_its_length_stated(self, writer: Client) -> None:
        parts = urlsplit(writer.address)
        reading, writing = await asyncio.open_connection(parts.hostname, parts.port)
        who = f"X-ClickHouse-User: {writer.user}\r\nX-ClickHouse-Key: {writer.password}\r\n"
        writing.write(f"POST /?query=SELECT%201 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{who}\r\n".encode())
        answer = await reading.read()
        writing.close()
        await writing.wait_closed()
        assert answer.startswith(b"HTTP/1.1 411 ")
        assert b"Code: 381" in answer

    async def test_none_is_a_syntax_error(self, writer: Client) -> None:
        answer = await writer.post("")
        assert (answer.status, answer.code, "Empty query" in answer.text) == (400, 62, True)


class TestFormat:
    @pytest.mark.parametrize(
        ("name", "content_type", "text"),
        [
            ("TabSeparated", "text/tab-separated-values; charset=UTF-8", "1\n"),
            ("TabSeparatedWithNamesAndTypes", "text/tab-separated-values; charset=UTF-8", "a\nUInt8\n1\n"),
            ("TSVWithNames", "text/tab-separated-values; charset=UTF-8", "a\n1\n"),
            ("CSV", "text/csv; charset=UTF-8; header=absent", "1\n"),
            ("CSVWithNames", "text/csv; charset=UTF-8; header=present", '"a"\n1\n'),
            ("RowBinary", "application/octet-stream", "\x01"),
            ("Null", "text/plain; charset=UTF-8", ""),
        ],
    )
    async def test_by_the_query(self, writer: Client, name: str, content_type: str, text: str) -> None:
        answer = await writer.post(f"SELECT toUInt8(1) AS a FORMAT {name}")
        assert (answer.status, answer.headers["Content-Type"], answer.text) == (200, content_type, text)

    async def test_by_default_format(self, writer: Client) -> None:
        answer = await writer.post("SELECT 1 AS a", default_format="JSON")
        assert (answer.headers["Content-Type"], answer.json()["data"]) == (
            "application/json; charset=UTF-8",
            [{"a": 1}],
        )

    async def test_the_query_goes_before_the_default(self, writer: Client) -> None:
        assert (await writer.post("SELECT 1 FORMAT JSONEachRow", default_format="CSV")).text == '{"1":1}\n'

    async def test_an_unknown_one_is_not_found(self, writer: Client) -> None:
        answer = await writer.post("SELECT 1 FORMAT Nope")
        assert (answer.status, answer.code) == (404, 73)


class TestErrors:
    @pytest.mark.parametrize(
        ("text", "status", "code"),
        [
            ("SELECT * FROM nope", 404, 60),
            ("SELECT * FROM nope.nope", 404, 81),
            ("SELECT nope()", 404, 46),
            ("SELECT FROM WHERE", 400, 62),
            ("SELECT toInt32(materialize('x'))", 400, 6),
            ("SELECT throwIf(number = 3) FROM system.numbers LIMIT 10", 500, 395),
            ("CREATE TABLE t (a Nope) ENGINE = Memory", 404, 50),
            ("CREATE TABLE t (a Int8) ENGINE = Nope", 404, 56),
        ],
    )
    async def test_code_and_status(self, writer: Client, text: str, status: int, code: int) -> None:
        answer = await writer.post(text)
        assert (answer.status, answer.code) == (status, code), answer.text

    async def test_the_text_is_the_servers(self, writer: Client, dialect: Dialect) -> None:
        answer = await writer.post("SELECT * FROM nope")
        assert re.fullmatch(dialect.unknown_table, answer.text), answer.text

    async def test_the_connection_is_of_use_after_one(self, writer: Client) -> None:
        for _ in range(20):
            assert (await writer.post("SELECT * FROM nope")).status == 404
        assert (await writer.post("SELECT 1")).text == "1\n"


class TestConnection:
    async def test_is_kept_alive(self, writer: Client) -> None:
        first, second = await writer.post("SELECT 1"), await writer.post("SELECT * FROM nope")
        assert "close" not in {answer.headers.get("Connection", "keep-alive").lower() for answer in (first, second)}
