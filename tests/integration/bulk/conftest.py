"""A stack for each ClickHouse engine, and stores of each test's own."""

import shutil
from collections.abc import AsyncIterator

import pytest
from bulk_stores import Stores, new_stores

from harness.embedded.clickhouse_server import PROGRAM
from harness.embedded.stack import ClickHouseEngine, Stack, StackConfig, embedded_stack


@pytest.fixture(scope="session", params=list(ClickHouseEngine))
async def bulk_stack(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Stack, bool]]:
    """A stack without a service, and whether its ClickHouse is a modern one."""
    if request.param is ClickHouseEngine.SERVER and shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")
    async with embedded_stack(StackConfig(None, request.param)) as stack:
        yield stack, request.param is ClickHouseEngine.EMBEDDED


@pytest.fixture
async def stores(bulk_stack: tuple[Stack, bool]) -> AsyncIterator[Stores]:
    stack, modern = bulk_stack
    async with new_stores(stack, modern=modern) as stores:
        yield stores
