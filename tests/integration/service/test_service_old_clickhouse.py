"""The service on Debian's ClickHouse 18.16, which knows neither DateTime64 nor optimize_on_insert."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import asyncpg
import pytest
from reference_service import Stores, reference_service

from harness.embedded.clickhouse_server import PROGRAM
from harness.embedded.stack import ClickHouseEngine, StackConfig, embedded_stack

TIMES = ("submitted_at", "created_at", "updated_at")


@pytest.fixture(scope="module")
async def old_stores() -> AsyncIterator[Stores]:
    if shutil.which(PROGRAM) is None:
        pytest.skip(f"{PROGRAM} is not installed")
    config = StackConfig(service=None, clickhouse=ClickHouseEngine.SERVER)
    async with embedded_stack(config) as stack, aiohttp.ClientSession() as session:
        postgres = await asyncpg.connect(stack.postgres_dsn)
        yield Stores(stack, postgres, session)
        await postgres.close()


async def test_copies_land_with_times_in_whole_seconds(old_stores: Stores, tmp_path: Path, scorecard_id: str) -> None:
    async with reference_service(old_stores.stack, tmp_path / "log") as service:
        for write in (service.create, service.submit, service.update):
            await write(scorecard_id)
            await service.settled(scorecard_id)
        shown, held = (
            await old_stores.final("scorecards", scorecard_id),
            await old_stores.rows("scorecards", scorecard_id),
        )
        whole = [row | {name: row[name].partition(".")[0] for name in TIMES} for row in held]
        assert shown == whole
        assert await old_stores.final("scores", scorecard_id) == await old_stores.rows("scores", scorecard_id)
    assert (tmp_path / "log").read_text() == ""
