"""One stack without a service for all tests here: the service's code runs in the tests' own process."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from harness.embedded.stack import Stack, StackConfig, embedded_stack


@pytest.fixture(scope="session")
async def stack() -> AsyncIterator[Stack]:
    async with embedded_stack(StackConfig(service=None)) as stack:
        yield stack


@pytest.fixture
async def postgres(stack: Stack) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(stack.postgres_dsn)
    yield connection
    await connection.close()
