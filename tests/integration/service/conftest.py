"""Two stores that all tests here share, and one service of each behaviour on them."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import asyncpg
import pytest
from planted_pieces import Make, maker
from reference_service import SLOWLY, Service, Stores, reference_service

from harness.embedded.stack import Stack, StackConfig, embedded_stack
from harness.service.schema import clickhouse_ddl


@pytest.fixture(scope="session")
async def stack() -> AsyncIterator[Stack]:
    """A stack without a service; its ClickHouse keeps every version, since nothing is merged in the background."""
    async with embedded_stack(StackConfig(service=None)) as stack:
        yield stack


@pytest.fixture(scope="session")
async def stores(stack: Stack) -> AsyncIterator[Stores]:
    postgres = await asyncpg.connect(stack.postgres_dsn)
    async with aiohttp.ClientSession() as session:
        stores = Stores(stack, postgres, session)
        # It holds for the tables that are there when it is said.
        for statement in clickhouse_ddl(datetime64=True):
            await stores.ask(statement)
        await stores.ask("SYSTEM STOP MERGES")
        yield stores
    await postgres.close()


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs")


@pytest.fixture(scope="session")
async def cure(stores: Stores, logs: Path) -> AsyncIterator[Service]:
    async with reference_service(stores.stack, logs / "cure.log", behaviour="cure") as service:
        yield service


@pytest.fixture(scope="session")
async def outbox(stores: Stores, logs: Path) -> AsyncIterator[Service]:
    async with reference_service(stores.stack, logs / "outbox.log", behaviour="outbox") as service:
        yield service


@pytest.fixture(scope="session")
async def fix3(stores: Stores, logs: Path) -> AsyncIterator[Service]:
    async with reference_service(stores.stack, logs / "fix3.log", behaviour="fix3") as service:
        yield service


@pytest.fixture(scope="session")
async def fix2(stores: Stores, logs: Path) -> AsyncIterator[Service]:
    async with reference_service(stores.stack, logs / "fix2.log", behaviour="fix2") as service:
        yield service


@pytest.fixture(scope="session")
async def as_found(stores: Stores, logs: Path) -> AsyncIterator[Service]:
    async with reference_service(stores.stack, logs / "as_found.log", behaviour="as_found") as service:
        yield service


@pytest.fixture(scope="session")
async def slow(stores: Stores, logs: Path) -> AsyncIterator[Service]:
    """A service whose copies wait for half a second."""
    async with reference_service(stores.stack, logs / "slow.log", latency=SLOWLY) as service:
        yield service


@pytest.fixture(params=["outbox", "cure", "fix3", "fix2", "as_found"])
def service(request: pytest.FixtureRequest) -> Service:
    """A service of one behaviour after the other."""
    service: Service = request.getfixturevalue(request.param)
    return service


@pytest.fixture
def planted(stores: Stores) -> Make:
    """What makes a service with faults whose schedule the test holds."""
    return maker(stores)


@pytest.fixture
async def clickhouse_url(stores: Stores) -> AsyncIterator[str]:
    """A ClickHouse database without tables, for faults that lie in their definition."""
    database = f"faults_{uuid.uuid4().hex}"
    await stores.ask(f"CREATE DATABASE {database}")
    yield stores.stack.clickhouse_url.rpartition("/")[0] + f"/{database}"
    await stores.ask(f"DROP DATABASE {database}")


@pytest.fixture
def scorecard_id() -> str:
    """An id that no other test has."""
    return uuid.uuid4().hex
