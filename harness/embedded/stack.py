"""The harness's side of the embedded stack: start it, use it, and be sure that it is gone afterwards."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from harness.errors import ChildError
from harness.process import STOP_TIMEOUT_S, Child

# Longer than the supervisor itself takes at the worst to end its parts one after the other, by force where they do not go.
STOP_PATIENCE_S = 5 * STOP_TIMEOUT_S


class ClickHouseEngine(StrEnum):
    """Which ClickHouse the stack starts."""

    EMBEDDED = "embedded"
    SERVER = "server"
    """The `clickhouse-server` on PATH."""


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """The reference service of a stack; `latency` holds the parameters of its model of the worker queue, `fault_settings` those of the
    planted faults, where they are not the defaults."""

    behaviour: str
    seed: int
    latency: dict[str, float]
    faults: tuple[str, ...] = ()
    fault_settings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StackConfig:
    """What to start. Without a service there are only the two stores, each with an empty database `coaching`."""

    service: ServiceConfig | None
    clickhouse: ClickHouseEngine = ClickHouseEngine.EMBEDDED
    postgres_major: int = 18


@dataclass(frozen=True, slots=True)
class Stack:
    """A running stack. The reader's addresses may read and nothing else; `target` and `token` are None without a service."""

    postgres_dsn: str = field(repr=False)
    postgres_reader_dsn: str = field(repr=False)
    clickhouse_url: str = field(repr=False)
    clickhouse_reader_url: str = field(repr=False)
    target: str | None
    token: str | None = field(repr=False)
    _child: Child = field(repr=False)

    async def ended(self) -> None:
        """Wait until a part of the stack dies unasked, and raise ChildError saying which."""
        raise ChildError(f"the embedded stack broke down: {(await self._child.hear())['died']}")


@asynccontextmanager
async def embedded_stack(config: StackConfig) -> AsyncIterator[Stack]:
    """Hold a stack for as long as the context lasts; when it is left, in whatever way, every process and file of it is gone.

    Raises ChildError, in the part's own words, where one does not start.
    """
    with tempfile.TemporaryDirectory(prefix="harness-log-", ignore_cleanup_errors=True) as folder:
        # The supervisor removes the folder too: it outlives this process where this one is killed.
        message = asdict(config) | {"log_folder": folder}
        child = await Child.start("harness.embedded.supervisor", message, Path(folder) / "supervisor.log")
        try:
            yield Stack(**child.ready, _child=child)
        finally:
            await child.stop(STOP_PATIENCE_S)
