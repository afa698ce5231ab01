"""Services beside the staging stack's own, for tests that need another behaviour but no stack of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from harness.embedded.stack import Stack
from harness.process import Child
from harness.scenario import CopyLatency

LATENCY = CopyLatency().model_dump()


@asynccontextmanager
async def beside(staging: Stack, folder: Path, behaviour: str, **latency: float) -> AsyncIterator[tuple[str, ...]]:
    """Hold another service on a stack's stores, which costs less than a stack of its own; scorecards have ids that no other has.

    `latency` is what differs from the defaults in the model of its worker queue.
    """
    assert staging.token is not None
    stores = {"postgres_dsn": staging.postgres_dsn, "clickhouse_url": staging.clickhouse_url, "token": staging.token}
    config = {"behaviour": behaviour, "seed": 1, "latency": LATENCY | latency}
    child = await Child.start("harness.service", config | stores, folder / "log")
    try:
        yield flags(staging, child.ready["target"], staging.token)
    finally:
        await child.stop()


def flags(staging: Stack, target: str, token: str) -> tuple[str, ...]:
    """Return the flags that point a run at a target with the stores of a stack."""
    stores = ("--pg", staging.postgres_reader_dsn, "--clickhouse", staging.clickhouse_reader_url)
    return ("--target", target, "--token", token, *stores)
