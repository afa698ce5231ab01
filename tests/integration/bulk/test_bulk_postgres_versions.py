"""The same comparison on every PostgreSQL version that is here."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from bulk_keys import SPELLINGS, order_keys_by, write
from bulk_stores import Stores, names, new_stores
from postgres_versions import SYSTEM_VERSIONS, VERSIONS, Servers

from harness.bulk import ranges
from harness.bulk.request import BulkTable
from harness.embedded.postgres import READER, PostgresServer
from harness.embedded.stack import Stack


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_version(
    bulk_stack: tuple[Stack, bool], postgres_servers: Servers, version: tuple[int, Path]
) -> None:
    async with stores_of(bulk_stack, await postgres_servers.of(version)) as stores:
        assert stores.owner.get_server_version().major == version[0]
        await stores.fill(200)
        assert (await stores.compare()).equal
        await stores.postgres("UPDATE scores SET numeric_value = 7 WHERE scorecard_id = md5('7')")
        assert names(await stores.compare()) == ["8f14e45fceea167a5a36dedd4bea2543"]


@pytest.mark.parametrize("version", SYSTEM_VERSIONS)
async def test_keys_in_the_order_of_a_language(
    bulk_stack: tuple[Stack, bool],
    postgres_servers: Servers,
    version: tuple[int, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ranges, "RANGE_ROWS", 16)
    monkeypatch.setattr(ranges, "UNSERVED_RANGES", 12)
    async with stores_of(bulk_stack, await postgres_servers.of(version)) as stores:
        await order_keys_by(stores, "icu", "und")
        await stores.fill(200)
        for spelling in SPELLINGS:
            await write(stores, spelling)
        result = await stores.compare()
        assert result.equal
        assert [tally.suspects for tally in result.tables.values()] == [0, 0]
        assert result.tables[BulkTable.HEADERS].postgres_rows == 200 + len(SPELLINGS)


@asynccontextmanager
async def stores_of(bulk_stack: tuple[Stack, bool], server: PostgresServer) -> AsyncIterator[Stores]:
    """Hold the stack's ClickHouse beside another PostgreSQL."""
    stack, modern = bulk_stack
    other = replace(stack, postgres_dsn=server.dsn(), postgres_reader_dsn=server.dsn(READER))
    async with new_stores(other, modern=modern) as stores:
        yield stores
