"""What a run was asked to do and where: an external target, or an embedded stack that lives as long as the run."""

import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.drive.target import Target, TokenSource
from harness.embedded.stack import ClickHouseEngine, ServiceConfig, StackConfig, embedded_stack
from harness.scenario import Scenario, StackSettings
from harness.store_source import StoreSource


@dataclass(frozen=True, slots=True)
class Places:
    """What a run works on: the target and both stores. `breakdown` waits for them to die and then raises, None where nobody can tell."""

    target: Target
    postgres: str
    clickhouse: str
    breakdown: Callable[[], Coroutine[None, None, None]] | None = None


@dataclass(frozen=True, slots=True)
class External:
    """An external target, and where the addresses of its two stores come from."""

    target: Target
    postgres: StoreSource
    clickhouse: StoreSource


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What the user asked for. `external` is None for the embedded stack with the given ClickHouse engine."""

    scenario: Scenario
    external: External | None
    engine: ClickHouseEngine
    out: Path
    command: str


class Progress(Protocol):
    """Whoever watches a run."""

    def phase(self, text: str) -> None:
        """Take in what the run is doing now."""

    def advance(self, iterations: int, failures: int, errors: int) -> None:
        """Take in how many iterations have a verdict, and how many of these are failures or errors."""

    def expect(self, iterations: int) -> None:
        """Take in how many there will be now that the gates have stopped some; it may still grow by what was in flight."""


def service_config(settings: StackSettings, seed: int) -> ServiceConfig:
    """Return the configuration of an embedded stack's service."""
    return ServiceConfig(
        settings.behaviour, seed, settings.latency.model_dump(), settings.faults, settings.fault_settings.model_dump()
    )


@contextlib.asynccontextmanager
async def places_of(request: RunRequest, progress: Progress) -> AsyncIterator[Places]:
    """Hold the places of a run: those that were given, or an embedded stack.

    Raises ChildError where the stack does not start, StoreError where a command prints no address.
    """
    if (external := request.external) is not None:
        yield Places(external.target, await external.postgres.resolve(), await external.clickhouse.resolve())
        return
    progress.phase("starting the embedded stack")
    scenario = request.scenario
    service = service_config(scenario.stack, scenario.seed)
    async with embedded_stack(StackConfig(service=service, clickhouse=request.engine)) as stack:
        assert stack.target is not None
        target = Target(address=stack.target, token=TokenSource(token=stack.token))
        yield Places(target, stack.postgres_reader_dsn, stack.clickhouse_reader_url, stack.ended)
        progress.phase("stopping the embedded stack")
