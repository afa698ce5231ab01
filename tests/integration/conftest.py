"""PostgreSQL of each version, started once for all tests here: whoever compares versions makes a schema of its own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from postgres_versions import Servers


@pytest.fixture(scope="session")
async def postgres_servers() -> AsyncIterator[Servers]:
    async with AsyncExitStack() as stack:
        yield Servers(stack)
