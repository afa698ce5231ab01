"""From HTTP request to query: what is text, what is data, what is a setting and what a parameter."""

import pytest

from harness.embedded.clickhouse.errors import ClickHouseError
from harness.embedded.clickhouse.request import parse_query


def test_the_text_may_stand_in_the_url() -> None:
    query = parse_query({"query": "SELECT 1"}, {}, b"")
    assert (query.text, query.data) == ("SELECT 1", None)


def test_the_text_may_stand_in_the_body() -> None:
    assert parse_query({}, {}, b"SELECT 1").text == "SELECT 1"


def test_url_and_body_are_joined_by_a_line_break() -> None:
    assert parse_query({"query": "SELECT"}, {}, b"1").text == "SELECT\n1"


@pytest.mark.parametrize(
    ("url", "text", "data_format"),
    [
        ("INSERT INTO t FORMAT TSV", "INSERT INTO t ", "TSV"),
        ("insert into t\nformat JSONEachRow\n", "insert into t\n", "JSONEachRow"),
        ("INSERT INTO t VALUES", "INSERT INTO t ", "Values"),
        ("INSERT INTO t (a, b) values ", "INSERT INTO t (a, b) ", "Values"),
        ("/* why */ INSERT INTO t FORMAT CSV", "/* why */ INSERT INTO t ", "CSV"),
        ("-- why\nINSERT INTO t FORMAT CSV", "-- why\nINSERT INTO t ", "CSV"),
        ("INSERT INTO t SETTINGS max_threads = 1 FORMAT CSV", "INSERT INTO t SETTINGS max_threads = 1 ", "CSV"),
    ],
)
def test_an_insert_in_the_url_takes_the_body_as_its_data(url: str, text: str, data_format: str) -> None:
    query = parse_query({"query": url}, {}, b"\xff\x00;")
    assert (query.text, query.data, query.data_format) == (text, b"\xff\x00;", data_format)


def test_rows_begun_in_the_url_go_on_in_the_body() -> None:
    query = parse_query({"query": "INSERT INTO t VALUES (1),"}, {}, b"(2)")
    assert (query.text, query.data) == ("INSERT INTO t VALUES (1),\n(2)", None)


@pytest.mark.parametrize(
    ("text", "result_format"),
    [
        ("SELECT 1", "TabSeparated"),
        ("SELECT 1 FORMAT JSON", "JSON"),
        ("SELECT 1 format CSV;\n", "CSV"),
        ("SELECT 1 FORMAT CSV SETTINGS max_threads = 1", "CSV"),
        ("SELECT 'x FORMAT JSON'", "TabSeparated"),
    ],
)
def test_the_format_is_what_the_query_states(text: str, result_format: str) -> None:
    assert parse_query({}, {}, text.encode()).result_format == result_format


def test_a_default_format_by_url_or_header_yields_to_the_query() -> None:
    assert parse_query({"default_format": "CSV"}, {}, b"SELECT 1").result_format == "CSV"
    assert parse_query({}, {"X-ClickHouse-Format": "CSV"}, b"SELECT 1").result_format == "CSV"
    assert parse_query({"default_format": "CSV"}, {}, b"SELECT 1 FORMAT JSON").result_format == "JSON"


@pytest.mark.parametrize(
    ("result_format", "content_type"),
    [
        ("TabSeparated", "text/tab-separated-values; charset=UTF-8"),
        ("CSV", "text/csv; charset=UTF-8; header=absent"),
        ("JSON", "application/json; charset=UTF-8"),
        ("JSONCompact", "application/json; charset=UTF-8"),
        ("JSONEachRow", "application/x-ndjson; charset=UTF-8"),
        ("XML", "application/xml; charset=UTF-8"),
        ("Pretty", "text/plain; charset=UTF-8"),
    ],
)
def test_the_content_type_is_the_formats(result_format: str, content_type: str) -> None:
    assert parse_query({"default_format": result_format}, {}, b"SELECT 1").content_type == content_type


def test_the_database_by_url_or_header() -> None:
    assert parse_query({"database": "d"}, {}, b"SELECT 1").database == "d"
    assert parse_query({}, {"X-ClickHouse-Database": "d"}, b"SELECT 1").database == "d"
    assert parse_query({}, {}, b"SELECT 1").database is None


def test_what_is_not_the_protocols_own_is_a_setting() -> None:
    url = {
        "query": "SELECT 1",
        "query_id": "q",
        "database": "d",
        "default_format": "CSV",
        "user": "u",
        "password": "p",
        "enable_http_compression": "1",
        "param_a": "1",
        "max_threads": "2",
        "max_block_size": "3",
    }
    query = parse_query(url, {}, b"")
    assert query.settings == (("max_block_size", "3"), ("max_threads", "2"))
    assert query.parameters == (("a", "1"),)


@pytest.mark.parametrize(
    "name", ["session_id", "compress", "decompress", "role", "quota_key", "stacktrace", "async_insert"]
)
def test_what_is_not_offered_is_refused_by_name(name: str) -> None:
    with pytest.raises(ClickHouseError, match=name) as refused:
        parse_query({"query": "SELECT 1", name: "1"}, {}, b"")
    assert refused.value.status == 501


def test_external_tables_are_refused() -> None:
    with pytest.raises(ClickHouseError, match="external data") as refused:
        parse_query({"query": "SELECT 1"}, {"Content-Type": "multipart/form-data; boundary=x"}, b"")
    assert refused.value.status == 501


def test_text_that_is_not_utf8_is_refused_rather_than_garbled() -> None:
    with pytest.raises(ClickHouseError, match="UTF-8") as refused:
        parse_query({}, {}, b"SELECT '\xff'")
    assert refused.value.status == 501


def test_an_empty_query_is_a_syntax_error() -> None:
    with pytest.raises(ClickHouseError, match="Empty query") as refused:
        parse_query({}, {}, b" \n")
    assert (refused.value.code, refused.value.status) == (62, 400)


@pytest.mark.parametrize("value", ["", "0"])
def test_what_is_switched_off_need_not_be_offered(value: str) -> None:
    assert parse_query({"query": "SELECT 1", "async_insert": value}, {}, b"").settings == ()


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO t SELECT * FROM input('a UInt8') FORMAT TSV",
        "/* why */ insert into t (a) select a + 1 from Input ('a UInt8') FORMAT TSV",
    ],
)
def test_an_insert_through_the_function_input_is_refused(text: str) -> None:
    for url, body in (({"query": text}, b"1\n"), ({}, f"{text}\n1\n".encode())):
        with pytest.raises(ClickHouseError, match="input") as refused:
            parse_query(url, {}, body)
        assert refused.value.status == 501


@pytest.mark.parametrize("data", ["VALUES ('SELECT a FROM input(1)')", "FORMAT TSV\nSELECT a FROM input(1)"])
def test_data_that_reads_like_the_function_input_is_data(data: str) -> None:
    text = f"INSERT INTO t {data}"
    assert parse_query({}, {}, text.encode()).text == text
