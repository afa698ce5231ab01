"""aiochclient, the client that the harness itself uses, on both engines."""

import datetime as dt
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiochclient import ChClient, ChClientError
from clickhouse_http import Client, Dialect

from harness.embedded.stack import Stack

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:aiochclient")


@pytest.fixture
def client(session: aiohttp.ClientSession, stack: Stack, database: str) -> ChClient:
    parts = urlsplit(stack.clickhouse_url)
    url = f"http://{parts.hostname}:{parts.port}/"
    return ChClient(session, url, parts.username, parts.password, database)


@pytest.fixture
async def table(client: ChClient) -> str:
    await client.execute(
        "CREATE TABLE t (id UInt32, text String, maybe Nullable(Float64), at DateTime('UTC'), tags Array(String))"
        " ENGINE = MergeTree ORDER BY id"
    )
    return "t"


ROWS = (
    (1, "it's; \t\n\\ é☃", 0.1, dt.datetime(2026, 1, 2, 3, 4, 5), ["a", "b'c"]),
    (2, "", None, dt.datetime(1999, 12, 31, 23, 59, 59), []),
)


async def test_is_alive(client: ChClient) -> None:
    assert await client.is_alive()


async def test_rows_come_back_as_they_went_in(client: ChClient, table: str) -> None:
    await client.execute(f"INSERT INTO {table} VALUES", *ROWS)
    assert tuple(tuple(row.values()) for row in await client.fetch(f"SELECT * FROM {table} ORDER BY id")) == ROWS


async def test_json_rows_come_back_as_they_went_in(client: ChClient, table: str) -> None:
    row = {"id": 1, "text": ROWS[0][1], "maybe": None, "at": "2026-01-02 03:04:05", "tags": ["a"]}
    await client.execute(f"INSERT INTO {table} FORMAT JSONEachRow", row, json=True)
    assert [dict(seen) for seen in await client.fetch(f"SELECT * FROM {table} FORMAT JSONEachRow", json=True)] == [row]


async def test_a_thousand_rows_at_once(client: ChClient, table: str) -> None:
    rows = ((number, "x" * 300, number / 7, ROWS[0][3], ["t"]) for number in range(1_000))
    await client.execute(f"INSERT INTO {table} VALUES", *rows)
    assert await client.fetchval(f"SELECT sum(id) FROM {table}") == 499_500
    assert len(await client.fetch(f"SELECT id, text FROM {table}")) == 1_000


async def test_rows_are_streamed(client: ChClient) -> None:
    seen = 0
    async for row in client.iterate("SELECT number FROM system.numbers LIMIT 100000"):
        assert row["number"] == seen
        seen += 1
    assert seen == 100_000


async def test_values_in_a_query(client: ChClient) -> None:
    assert await client.fetchval("SELECT {text}", params={"text": "it's; 'é'"}) == "it's; 'é'"


async def test_an_error_is_the_engines(client: ChClient, dialect: Dialect) -> None:
    with pytest.raises(ChClientError, match=r"Code: 60\b.*nope"):
        await client.fetch("SELECT * FROM nope")
    with pytest.raises(ChClientError, match=r"Code: 62\b"):
        await client.execute("CREATE TABLE")


async def test_a_wrong_password_is_an_error(
    session: aiohttp.ClientSession, client: ChClient, writer: Client, dialect: Dialect
) -> None:
    wrong = ChClient(session, writer.address, str(writer.user), "wrong")
    assert not await wrong.is_alive()
    with pytest.raises(ChClientError, match=f"Code: {dialect.wrong_password_code}"):
        await wrong.fetch("SELECT 1")


async def test_settings_of_a_client_hold_for_its_every_query(
    session: aiohttp.ClientSession, writer: Client, client: ChClient
) -> None:
    set_up = ChClient(session, writer.address, str(writer.user), writer.password, max_block_size=77)
    query = "SELECT value FROM system.settings WHERE name = 'max_block_size'"
    assert [await set_up.fetchval(query), await set_up.fetchval(query)] == ["77", "77"]
    assert await client.fetchval(query) != "77"


async def test_compressed_answers(stack: Stack, writer: Client) -> None:
    async with aiohttp.ClientSession() as session:
        packed = ChClient(session, writer.address, str(writer.user), writer.password, compress_response=True)
        assert len(await packed.fetch("SELECT number FROM system.numbers LIMIT 10000")) == 10_000


async def test_replacing_merge_tree_keeps_the_highest_version(client: ChClient) -> None:
    """The engine family that the service's tables are of."""
    await client.execute("CREATE TABLE r (k UInt8, v UInt64, x String) ENGINE = ReplacingMergeTree(v) ORDER BY k")
    for version, text in ((2, "new"), (1, "stale")):
        await client.execute("INSERT INTO r VALUES", (1, version, text))
    assert [row["x"] for row in await client.fetch("SELECT x FROM r FINAL")] == ["new"]
