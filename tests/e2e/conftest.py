"""One running stack with its services, for the tests that use it as a foreign target."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from harness.embedded.stack import ServiceConfig, Stack, StackConfig, embedded_stack
from harness.process import Child
from harness.scenario import CopyLatency

LATENCY = CopyLatency().model_dump()


@pytest.fixture(scope="session")
async def staging() -> AsyncIterator[Stack]:
    """A stack that the commands under test did not start."""
    service = ServiceConfig(behaviour="fix3", seed=1, latency=LATENCY)
    async with embedded_stack(StackConfig(service=service)) as stack:
        yield stack


@pytest.fixture
def places(staging: Stack) -> tuple[str, ...]:
    """The flags that point a run at the staging stack."""
    assert staging.target is not None and staging.token is not None
    return flags(staging, staging.target, staging.token)


@pytest.fixture(scope="session")
async def cured(staging: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, ...]]:
    """The flags that point a run at the cure, on the staging stack's stores."""
    async with beside(staging, tmp_path_factory.mktemp("cured"), "cure") as places:
        yield places


@pytest.fixture(scope="session")
async def unfixed(staging: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, ...]]:
    """The flags that point a run at the service as it was found, on the staging stack's stores."""
    async with beside(staging, tmp_path_factory.mktemp("unfixed"), "as_found") as places:
        yield places


@asynccontextmanager
async def beside(staging: Stack, folder: Path, behaviour: str) -> AsyncIterator[tuple[str, ...]]:
    """Hold another service on a stack's stores, which costs less than a stack of its own; scorecards have ids that no other has."""
    assert staging.token is not None
    stores = {"postgres_dsn": staging.postgres_dsn, "clickhouse_url": staging.clickhouse_url, "token": staging.token}
    config = {"behaviour": behaviour, "seed": 1, "latency": LATENCY}
    child = await Child.start("harness.service", config | stores, folder / "log")
    try:
        yield flags(staging, child.ready["target"], staging.token)
    finally:
        await child.stop()


def flags(staging: Stack, target: str, token: str) -> tuple[str, ...]:
    """Return the flags that point a run at a target with the stores of a stack."""
    stores = ("--pg", staging.postgres_reader_dsn, "--clickhouse", staging.clickhouse_reader_url)
    return ("--target", target, "--token", token, *stores)
