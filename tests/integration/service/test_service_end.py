"""What the service still owes when it is asked to end, and what it says of it meanwhile."""

import asyncio
import uuid
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from reference_service import (
    SLOWLY,
    Service,
    Stores,
    lock_waiters,
    locked_row,
    name_of,
    reference_service,
    until,
)

from harness.process import STOP_TIMEOUT_S, Child

End = Callable[[Child], object]


async def test_a_copy_that_waits_is_outstanding_until_it_has_landed(
    slow: Service, stores: Stores, scorecard_id: str
) -> None:
    await slow.create(scorecard_id)
    assert await slow.outstanding("none", scorecard_id) == [name_of(scorecard_id)]
    assert await stores.raw("scorecards", scorecard_id) == []
    await slow.settled(scorecard_id)
    assert len(await stores.raw("scorecards", scorecard_id)) == 1
    assert len(await stores.raw("scores", scorecard_id)) == 2


async def test_a_refused_call_owes_nothing(slow: Service, scorecard_id: str) -> None:
    await slow.update(scorecard_id, agent="another").code()
    assert await slow.outstanding(scorecard_id) == []


@pytest.mark.parametrize(
    "end",
    [lambda child: child.process.stdin.close(), lambda child: child.process.terminate()],
    ids=["input ends", "SIGTERM"],
)
async def test_at_the_end_the_outstanding_copies_land(stores: Stores, tmp_path: Path, end: End) -> None:
    ids = [uuid.uuid4().hex for _ in range(20)]
    async with reference_service(stores.stack, tmp_path / "log", latency=SLOWLY) as service:
        for scorecard_id in ids:
            await service.create(scorecard_id)
        end(service.child)
        assert await service.child.process.wait() == 0
    for scorecard_id in ids:
        assert len(await stores.raw("scorecards", scorecard_id)) == 1
        assert len(await stores.raw("scores", scorecard_id)) == 2
    assert (tmp_path / "log").read_text() == ""


async def test_a_call_under_way_is_answered_before_the_end(stores: Stores, tmp_path: Path, scorecard_id: str) -> None:
    async with reference_service(stores.stack, tmp_path / "log") as service:
        call = service.create(scorecard_id)
        await service.outstanding()
        service.child.process.terminate()
        assert (await call).name == name_of(scorecard_id)
        assert await service.child.process.wait() == 0
    assert len(await stores.raw("scorecards", scorecard_id)) == 1


async def test_a_write_whose_caller_gave_up_is_copied_before_the_end(
    stores: Stores, tmp_path: Path, scorecard_id: str
) -> None:
    async with reference_service(stores.stack, tmp_path / "log") as service:
        await service.create(scorecard_id)
        await service.settled(scorecard_id)
        async with locked_row(stores.stack, scorecard_id):
            call = service.submit(scorecard_id)
            await lock_waiters(stores.postgres, 1)
            call.cancel()
            await service.outstanding()
            service.child.process.terminate()

            async def takes_no_calls() -> bool:
                return await service.get(scorecard_id).code() is grpc.StatusCode.UNAVAILABLE

            await until(takes_no_calls)
        assert await service.child.process.wait() == 0
    submitter = (await stores.row(scorecard_id))["submitter_user_id"]
    assert [row["submitter_user_id"] for row in await stores.final("scorecards", scorecard_id)] == [submitter]


async def test_a_write_that_hangs_does_not_keep_the_service(stores: Stores, tmp_path: Path, scorecard_id: str) -> None:
    async with reference_service(stores.stack, tmp_path / "log") as service:
        await service.create(scorecard_id)
        await service.settled(scorecard_id)
        async with locked_row(stores.stack, scorecard_id):
            service.submit(scorecard_id)
            await lock_waiters(stores.postgres, 1)
            service.child.process.terminate()
            assert await asyncio.wait_for(service.child.process.wait(), STOP_TIMEOUT_S) == 0
    assert (await stores.row(scorecard_id))["submitter_user_id"] == ""
