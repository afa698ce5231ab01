"""The faults that let the wrong one of two copies win, each brought about by a schedule in which the cure holds."""

import asyncio
import time

import pytest
from breakable_links import postgres_link
from planted_pieces import Make, Pieces
from reference_service import Stores

from harness.scenario import FaultName
from harness.service.records import Key

OVERTAKEN = [
    FaultName.UNORDERED_TASKS,
    FaultName.SECOND_VERSION,
    FaultName.HISTORY_OUTSIDE,
    FaultName.VERSIONLESS_DELETE,
]


async def within_one_second() -> None:
    """Return early in a second, so that what follows falls into that one."""
    while time.time() % 1 > 0.3:
        await asyncio.sleep(0.01)


async def update_overtaken_by_submit(service: Pieces) -> None:
    """Update commits, then Submit; Submit's copy lands before Update's."""
    await within_one_second()
    await service.created()
    update = await service.update()
    submit = await service.submit()
    await service.land(submit, update)


@pytest.mark.parametrize("fault", OVERTAKEN)
async def test_an_older_state_that_lands_last_wins(planted: Make, stores: Stores, fault: FaultName) -> None:
    async with planted(fault) as service:
        await update_overtaken_by_submit(service)
        name = service.key.scorecard_id
        assert service.affected() == [fault]
    assert (await stores.row(name))["submitter_user_id"] == "coach"
    assert [row["submitter_user_id"] for row in await stores.final("scorecards", name)] == [""]


@pytest.mark.parametrize("fault", OVERTAKEN)
async def test_copies_that_land_in_order_are_right(planted: Make, stores: Stores, fault: FaultName) -> None:
    async with planted(fault) as service:
        await within_one_second()
        await service.created()
        await service.land(await service.update())
        await service.land(await service.submit())
        assert service.affected() == []
    assert await stores.differing([service.key.scorecard_id]) == []


async def test_without_a_fault_the_same_schedule_converges(planted: Make, stores: Stores) -> None:
    async with planted() as service:
        await update_overtaken_by_submit(service)
        assert service.affected() == []
    assert await stores.differing([service.key.scorecard_id]) == []


async def versions(stores: Stores, key: Key) -> list[int]:
    return [int(row["version"]) for row in await stores.raw("scorecards", key.scorecard_id)]


async def test_whole_seconds_tie(planted: Make, stores: Stores) -> None:
    async with planted(FaultName.SECOND_VERSION) as service:
        await update_overtaken_by_submit(service)
    second = int((await stores.row(service.key.scorecard_id))["updated_at"].timestamp())
    assert await versions(stores, service.key) == [second] * 3


async def test_audit_rows_are_numbered_as_the_copies_come(planted: Make, stores: Stores) -> None:
    async with planted(FaultName.HISTORY_OUTSIDE) as service:
        await update_overtaken_by_submit(service)
    history = await stores.history(service.key.scorecard_id)
    assert [(row["method"], row["revision"]) for row in history] == [
        ("CreateScorecard", 1),
        ("SubmitScorecard", 3),
        ("UpdateScorecard", 2),
    ]
    assert await versions(stores, service.key) == [row["historic_id"] for row in history]


async def test_a_delete_makes_no_version(planted: Make, stores: Stores) -> None:
    async with planted(FaultName.VERSIONLESS_DELETE) as service:
        await update_overtaken_by_submit(service)
    name = service.key.scorecard_id
    assert await versions(stores, service.key) == [1, 2, 2, 2]
    tombstones = [row for row in await stores.raw("scorecards", name) if row["deleted"]]
    assert [(int(row["version"]), row["submitter_user_id"]) for row in tombstones] == [(2, "coach")]
    assert len(await stores.final("scorecards", name)) == 1


@pytest.mark.parametrize(("skew_ms", "effect"), [(5000.0, [FaultName.CLOCK_SKEW]), (0.0, [])])
async def test_the_clock_of_updates_host_is_behind(
    planted: Make, stores: Stores, skew_ms: float, effect: list[FaultName]
) -> None:
    async with planted(FaultName.CLOCK_SKEW, skew_ms=skew_ms) as service:
        await service.created()
        await service.land(await service.submit())
        await service.land(await service.update())
        assert service.affected() == effect
    name = service.key.scorecard_id
    assert bool(await stores.differing([name])) == bool(effect)
    row = await stores.row(name)
    assert (row["updated_at"] < row["submitted_at"]) == bool(effect)


@pytest.mark.parametrize("fault", [FaultName.STALE_CLOSURE, FaultName.NOW_INVERSION, FaultName.FULL_ROW_SAVE], ids=str)
async def test_an_update_that_began_before_a_submit_and_commits_after_it(
    planted: Make, stores: Stores, fault: FaultName
) -> None:
    """Update has read the scorecard, without its lock, when Submit comes and commits."""
    async with postgres_link(stores.stack.postgres_dsn) as link, planted(fault, dsn=link.dsn) as service:
        await service.created()
        link.hold_after = b"FROM scores WHERE"
        updating = asyncio.create_task(service.update())
        await link.holding.wait()
        submit = await service.submit()
        link.answers.set()
        await service.land(submit, await updating)
        assert service.affected() == [fault]
        name = service.key.scorecard_id
    row, shown = await stores.row(name), (await stores.final("scorecards", name))[0]
    assert row["revision"] == 3
    clobbered = fault is FaultName.FULL_ROW_SAVE
    assert (row["submitter_user_id"], row["overall_score"]) == ("" if clobbered else "coach", 2.5)
    # Where PostgreSQL itself is wrong, ClickHouse follows it.
    assert (await stores.differing([name]) == []) == clobbered
    if fault is FaultName.NOW_INVERSION:
        assert row["updated_at"] < row["submitted_at"]
        assert (shown["submitter_user_id"], shown["overall_score"]) == ("coach", 1.5)
    else:
        assert (shown["submitter_user_id"], shown["overall_score"]) == ("", 2.5)
