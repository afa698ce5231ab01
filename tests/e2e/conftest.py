"""One running stack with its service, for the tests that use it as a foreign target."""

from collections.abc import AsyncIterator

import pytest

from harness.embedded.stack import ServiceConfig, Stack, StackConfig, embedded_stack
from harness.scenario import CopyLatency


@pytest.fixture(scope="session")
async def staging() -> AsyncIterator[Stack]:
    """A stack that the commands under test did not start."""
    service = ServiceConfig(behaviour="fix3", seed=1, latency=CopyLatency().model_dump())
    async with embedded_stack(StackConfig(service=service)) as stack:
        yield stack


@pytest.fixture
def places(staging: Stack) -> tuple[str, ...]:
    """The flags that point a run at the staging stack."""
    assert staging.target is not None and staging.token is not None
    stores = ("--pg", staging.postgres_reader_dsn, "--clickhouse", staging.clickhouse_reader_url)
    return ("--target", staging.target, "--token", staging.token, *stores)
