"""What each call answers where it cannot be done, and that it then did nothing."""

import asyncio
from typing import Any

import grpc
import pytest
from grpc import StatusCode
from reference_service import PARENT, Service, Stores, lock_waiters, locked_row, name_of

from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb

NOWHERE = "0-there-is-none"


async def refusal(call: Any) -> tuple[StatusCode, str]:
    """Return the status and the words with which a call ends that must not succeed."""
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    details = refused.value.details() or ""
    assert "Traceback" not in details
    return refused.value.code(), details


async def test_create_refuses_a_taken_name(fix3: Service, scorecard_id: str) -> None:
    created = await fix3.create(scorecard_id)
    code, details = await refusal(fix3.create(scorecard_id, agent="another"))
    assert (code, details) == (StatusCode.ALREADY_EXISTS, "there is a scorecard of that name")
    assert await fix3.get(scorecard_id) == created


async def test_of_many_creates_of_one_name_one_succeeds(fix3: Service, stores: Stores, scorecard_id: str) -> None:
    calls = [fix3.create(scorecard_id, agent=str(number)) for number in range(8)]
    codes = [await call.code() for call in calls]
    assert sorted(code.name for code in codes) == ["ALREADY_EXISTS"] * 7 + ["OK"]
    winner = await calls[codes.index(StatusCode.OK)]
    assert await fix3.get(scorecard_id) == winner
    assert len(await stores.history(scorecard_id)) == 1


@pytest.mark.parametrize("method", ["get", "update", "submit"])
async def test_a_scorecard_that_is_not_there(fix3: Service, as_found: Service, method: str) -> None:
    for service in (fix3, as_found):
        code, details = await refusal(getattr(service, method)(NOWHERE))
        assert (code, details) == (StatusCode.NOT_FOUND, "there is no such scorecard")


async def test_submit_is_for_drafts(fix3: Service, stores: Stores, scorecard_id: str) -> None:
    await fix3.create(scorecard_id)
    submitted = await fix3.submit(scorecard_id, "first")
    code, details = await refusal(fix3.submit(scorecard_id, "second"))
    assert (code, details) == (StatusCode.FAILED_PRECONDITION, "the scorecard is submitted already")
    assert await fix3.get(scorecard_id) == submitted
    assert [row["method"] for row in await stores.history(scorecard_id)] == ["CreateScorecard", "SubmitScorecard"]


async def test_update_refuses_a_stale_etag(fix3: Service, scorecard_id: str) -> None:
    created = await fix3.create(scorecard_id)
    updated = await fix3.update(scorecard_id, agent="another")
    code, details = await refusal(fix3.update(scorecard_id, "agent", agent="a third", etag=created.etag))
    assert code is StatusCode.ABORTED
    assert "etag" in details
    assert await fix3.get(scorecard_id) == updated


@pytest.mark.parametrize(
    ("method", "request_", "field"),
    [
        ("CreateScorecard", pb.CreateScorecardRequest(parent="customers/c"), "parent"),
        ("CreateScorecard", pb.CreateScorecardRequest(parent=PARENT, scorecard_id="a/b"), "scorecard_id"),
        (
            "CreateScorecard",
            pb.CreateScorecardRequest(parent=PARENT, scorecard=pb.Scorecard(scores=[pb.Score()])),
            "scores",
        ),
        ("GetScorecard", pb.GetScorecardRequest(name=PARENT), "name"),
        ("GetScorecard", pb.GetScorecardRequest(name=name_of("\0")), "name"),
        ("UpdateScorecard", pb.UpdateScorecardRequest(), "name"),
        ("SubmitScorecard", pb.SubmitScorecardRequest(name="", submitter="coach"), "name"),
        ("SubmitScorecard", pb.SubmitScorecardRequest(name=name_of(NOWHERE)), "submitter"),
        ("SubmitScorecard", pb.SubmitScorecardRequest(name=name_of(NOWHERE), submitter="\0"), "submitter"),
    ],
)
async def test_what_cannot_be_understood_is_refused_by_its_field(
    fix3: Service, method: str, request_: Any, field: str
) -> None:
    code, details = await refusal(fix3.call(method, request_))
    assert code is StatusCode.INVALID_ARGUMENT
    assert details.startswith(f"{field}: ")


@pytest.mark.parametrize("path", ["submit_time", "submitter", "nothing"])
async def test_update_refuses_an_unknown_path(fix3: Service, scorecard_id: str, path: str) -> None:
    created = await fix3.create(scorecard_id)
    code, details = await refusal(fix3.update(scorecard_id, "agent", path, agent="another"))
    assert code is StatusCode.INVALID_ARGUMENT
    assert path in details
    assert await fix3.get(scorecard_id) == created


@pytest.mark.parametrize("field", ["template", "agent", "creator"])
async def test_text_that_postgres_cannot_hold_is_the_callers_mistake(
    fix3: Service, scorecard_id: str, field: str
) -> None:
    code, details = await refusal(fix3.create(scorecard_id, **{field: "a\0b"}))
    assert code is StatusCode.INVALID_ARGUMENT
    assert "PostgreSQL" not in details
    assert await refusal(fix3.get(scorecard_id)) == (StatusCode.NOT_FOUND, "there is no such scorecard")


async def test_a_call_that_is_given_up_while_it_waits_changes_all_or_nothing(
    fix3: Service, stores: Stores, scorecard_id: str
) -> None:
    await fix3.create(scorecard_id)
    async with locked_row(stores.stack, scorecard_id):
        call = fix3.update(scorecard_id, agent="another")
        await lock_waiters(stores.postgres, 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    submitted = await fix3.submit(scorecard_id)
    await fix3.settled(scorecard_id)
    updates = [row["method"] for row in await stores.history(scorecard_id)].count("UpdateScorecard")
    assert ((await fix3.get(scorecard_id)).agent == "another") == (updates == 1)
    assert submitted.submitter == "coach"
