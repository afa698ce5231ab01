"""One running stack with its services, for the tests that use it as a foreign target."""

from collections.abc import AsyncIterator

import pytest
from staging_services import LATENCY, beside, flags

from harness.embedded.stack import ServiceConfig, Stack, StackConfig, embedded_stack


@pytest.fixture(scope="session")
async def staging() -> AsyncIterator[Stack]:
    """A stack that the commands under test did not start."""
    service = ServiceConfig(behaviour="fix3", seed=1, latency=LATENCY)
    async with embedded_stack(StackConfig(service=service)) as stack:
        yield stack


@pytest.fixture(scope="session")
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
