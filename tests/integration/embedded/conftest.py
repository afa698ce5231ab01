"""Both ClickHouse engines, each with the clients that the tests talk to it by."""

import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from clickhouse_http import DIALECTS, Client, Dialect

from harness.embedded.clickhouse_server import PROGRAM
from harness.embedded.stack import ClickHouseEngine, Stack, StackConfig, embedded_stack


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder for this test's stack alone, that an unprivileged server can pass through, as it cannot pytest's.

    That one is asked for all the same, so that it is made in its own place and not in here.
    """
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
async def embedded() -> AsyncIterator[Stack]:
    """A stack without a service, with the embedded ClickHouse."""
    async with embedded_stack(StackConfig(service=None)) as stack:
        yield stack


@pytest.fixture(scope="session")
def server_installed() -> None:
    """Skip where the machine has no `clickhouse-server`."""
    if shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")


@pytest.fixture(scope="session")
async def server(server_installed: None) -> AsyncIterator[Stack]:
    """A stack without a service, with the machine's own `clickhouse-server`."""
    async with embedded_stack(StackConfig(service=None, clickhouse=ClickHouseEngine.SERVER)) as stack:
        yield stack


@pytest.fixture(scope="session", params=list(DIALECTS))
def engine(request: pytest.FixtureRequest) -> str:
    """The name of one engine after the other; whatever depends on it runs on both."""
    return str(request.param)


@pytest.fixture(scope="session")
def stack(engine: str, request: pytest.FixtureRequest) -> Stack:
    stack: Stack = request.getfixturevalue(engine)
    return stack


@pytest.fixture(scope="session")
def dialect(engine: str) -> Dialect:
    return DIALECTS[engine]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=32)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        yield session


@pytest.fixture
def writer(session: aiohttp.ClientSession, stack: Stack) -> Client:
    return Client.at(session, stack.clickhouse_url)


@pytest.fixture
def reader(session: aiohttp.ClientSession, stack: Stack) -> Client:
    return Client.at(session, stack.clickhouse_reader_url)


@pytest.fixture
def stranger(writer: Client) -> Client:
    """One who does not say who it is."""
    return writer.stranger()


@pytest.fixture
async def database(writer: Client) -> AsyncIterator[str]:
    """A new, empty database."""
    name = f"test_{uuid.uuid4().hex}"
    created = await writer.post(f"CREATE DATABASE {name}")
    assert created.status == 200, created.text
    yield name
    dropped = await writer.post(f"DROP DATABASE {name}")
    assert dropped.status == 200, dropped.text
