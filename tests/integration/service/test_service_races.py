"""The race in PostgreSQL itself: an Update that loaded the scorecard before a Submit committed, and saves it afterwards."""

import asyncio
import uuid

import grpc
from reference_service import Service, Stores, lock_waiters, locked_row, transaction

PAIRS = 200


async def submit_then_update(service: Service, stores: Stores, scorecard_id: str) -> None:
    """Have Submit commit after Update has loaded the scorecard and before it saves it; both are acknowledged."""
    await service.create(scorecard_id)
    async with locked_row(stores.stack, scorecard_id):
        submit = service.submit(scorecard_id)
        await lock_waiters(stores.postgres, 1)
        update = service.update(scorecard_id, overall_score=2.5)
        await lock_waiters(stores.postgres, 2)
    assert (await submit).submitter == "coach"
    assert (await update).overall_score == 2.5


async def test_as_found_and_fix2_overwrite_a_submit(
    as_found: Service, fix2: Service, stores: Stores, scorecard_id: str
) -> None:
    for service, number in ((as_found, "1"), (fix2, "2")):
        await submit_then_update(service, stores, scorecard_id + number)
        row = await stores.row(scorecard_id + number)
        assert (row["submitted_at"], row["submitter_user_id"], row["overall_score"]) == (None, "", 2.5)


async def test_fix3_keeps_a_submit(fix3: Service, stores: Stores, scorecard_id: str) -> None:
    await submit_then_update(fix3, stores, scorecard_id)
    row = await stores.row(scorecard_id)
    assert row["submitted_at"] is not None
    assert (row["submitter_user_id"], row["overall_score"]) == ("coach", 2.5)


async def test_a_submit_behind_an_update_is_kept_by_all(
    as_found: Service, fix2: Service, fix3: Service, stores: Stores, scorecard_id: str
) -> None:
    for number, service in enumerate((as_found, fix2, fix3)):
        name = f"{scorecard_id}{number}"
        await service.create(name)
        async with locked_row(stores.stack, name):
            update = service.update(name, overall_score=2.5)
            await lock_waiters(stores.postgres, 1)
            submit = service.submit(name)
            await lock_waiters(stores.postgres, 2)
        await asyncio.gather(update, submit)
        row = await stores.row(name)
        assert (row["submitter_user_id"], row["overall_score"]) == ("coach", 2.5)


async def test_a_scorecard_is_read_as_of_one_moment(fix3: Service, stores: Stores, scorecard_id: str) -> None:
    created = await fix3.create(scorecard_id)
    await fix3.settled(scorecard_id)
    async with transaction(stores.stack) as writer:
        await writer.execute("LOCK TABLE scores IN ACCESS EXCLUSIVE MODE")
        reading = fix3.get(scorecard_id)
        await lock_waiters(stores.postgres, 1)
        await writer.execute("UPDATE scorecards SET agent = 'another' WHERE scorecard_id = $1", scorecard_id)
        await writer.execute("UPDATE scores SET numeric_value = 9 WHERE scorecard_id = $1", scorecard_id)
    seen = await reading
    assert (seen.agent, [score.numeric_value for score in seen.scores][:1]) in (("agent", [1.0]), ("another", [9.0]))
    assert seen.name == created.name


async def test_of_two_submits_at_once_one_is_refused(service: Service, stores: Stores, scorecard_id: str) -> None:
    await service.create(scorecard_id)
    async with locked_row(stores.stack, scorecard_id):
        first = service.submit(scorecard_id, "first")
        await lock_waiters(stores.postgres, 1)
        second = service.submit(scorecard_id, "second")
        await lock_waiters(stores.postgres, 2)
    assert (await first).submitter == "first"
    assert await second.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert (await stores.row(scorecard_id))["submitter_user_id"] == "first"
    assert len(await stores.history(scorecard_id)) == 2


async def test_of_two_updates_of_one_etag_one_is_refused(service: Service, stores: Stores, scorecard_id: str) -> None:
    etag = (await service.create(scorecard_id)).etag
    async with locked_row(stores.stack, scorecard_id):
        first = service.update(scorecard_id, "agent", agent="first", etag=etag)
        await lock_waiters(stores.postgres, 1)
        second = service.update(scorecard_id, "agent", agent="second", etag=etag)
        await lock_waiters(stores.postgres, 2)
    assert (await first).agent == "first"
    assert await second.code() is grpc.StatusCode.ABORTED
    assert (await stores.row(scorecard_id))["agent"] == "first"
    assert len(await stores.history(scorecard_id)) == 2


async def test_fix3_never_overwrites_a_submit_under_load(fix3: Service, stores: Stores) -> None:
    ids = [uuid.uuid4().hex for _ in range(PAIRS)]
    await asyncio.gather(*(fix3.create(scorecard_id) for scorecard_id in ids))
    calls = [
        call
        for scorecard_id in ids
        for call in (fix3.update(scorecard_id, overall_score=2.5), fix3.submit(scorecard_id))
    ]
    await asyncio.gather(*calls)
    query = """
        SELECT count(*) FROM scorecards
        WHERE scorecard_id = ANY($1) AND submitted_at IS NOT NULL AND submitter_user_id = 'coach' AND overall_score = 2.5"""
    assert await stores.postgres.fetchval(query, ids) == PAIRS
    await fix3.settled(*ids)
