"""What each call does where nothing is wrong."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from reference_service import PARENT, Service, Stores, draft, name_of, scores

from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb


def content(scorecard: pb.Scorecard) -> pb.Scorecard:
    """Return a scorecard without what the service alone sets."""
    kept = pb.Scorecard()
    kept.CopyFrom(scorecard)
    for name in ("name", "create_time", "update_time", "etag"):
        kept.ClearField(name)
    return kept


def instant(stamp: object) -> datetime:
    return stamp.ToDatetime(tzinfo=UTC)  # type: ignore[attr-defined, no-any-return]


async def test_create_returns_the_draft_with_its_name_and_times(fix3: Service, scorecard_id: str) -> None:
    before = datetime.now(UTC)
    created = await fix3.create(scorecard_id)
    assert created.name == name_of(scorecard_id)
    assert content(created) == draft()
    assert before <= instant(created.create_time) == instant(created.update_time) <= datetime.now(UTC)
    assert not created.HasField("submit_time")


async def test_create_chooses_an_id_where_none_is_asked_for(fix3: Service) -> None:
    one, other = await fix3.create(), await fix3.create()
    assert one.name != other.name
    assert one.name.startswith(f"{PARENT}/scorecards/")


async def test_one_id_under_two_profiles_is_two_scorecards(fix3: Service, scorecard_id: str) -> None:
    one = await fix3.create(scorecard_id, agent="one")
    other = await fix3.create(scorecard_id, parent="customers/c/profiles/q", agent="other")
    await fix3.update(scorecard_id, agent="changed")
    assert one.name != other.name
    assert (await fix3.call("GetScorecard", pb.GetScorecardRequest(name=other.name))).agent == "other"


async def test_a_scorecard_may_be_bare(fix3: Service, scorecard_id: str) -> None:
    request = pb.CreateScorecardRequest(parent=PARENT, scorecard_id=scorecard_id)
    assert content(await fix3.call("CreateScorecard", request)) == pb.Scorecard()
    assert content(await fix3.get(scorecard_id)) == pb.Scorecard()


async def test_get_returns_what_create_returned(fix3: Service, scorecard_id: str) -> None:
    assert await fix3.create(scorecard_id) == await fix3.get(scorecard_id)


async def test_update_changes_what_the_mask_names_and_no_more(fix3: Service, scorecard_id: str) -> None:
    await fix3.create(scorecard_id)
    updated = await fix3.update(scorecard_id, "agent", agent="another", template="ignored", overall_score=9)
    assert content(updated) == draft(agent="another")
    assert await fix3.get(scorecard_id) == updated


async def test_update_replaces_scores_by_criterion(fix3: Service, scorecard_id: str) -> None:
    await fix3.create(scorecard_id)
    changed, added = pb.Score(criterion="b", numeric_value=0), pb.Score(criterion="c", text_value="")
    updated = await fix3.update(scorecard_id, scores=[added, changed])
    assert list(updated.scores) == [scores(1.0)[0], changed, added]
    assert await fix3.get(scorecard_id) == updated


async def test_update_without_a_mask_changes_every_field(fix3: Service, scorecard_id: str) -> None:
    await fix3.create(scorecard_id)
    request = pb.UpdateScorecardRequest(scorecard=pb.Scorecard(name=name_of(scorecard_id), agent="another"))
    updated = await fix3.call("UpdateScorecard", request)
    assert content(updated) == pb.Scorecard(agent="another", scores=scores(1.0))
    assert await fix3.get(scorecard_id) == updated


async def test_every_write_moves_the_update_time_and_the_etag(fix3: Service, scorecard_id: str) -> None:
    states = [
        await fix3.create(scorecard_id),
        await fix3.update(scorecard_id, agent="another"),
        await fix3.submit(scorecard_id),
        await fix3.update(scorecard_id, agent="a third"),
    ]
    times = [instant(state.update_time) for state in states]
    assert times == sorted(set(times))
    assert len({state.etag for state in states}) == len(states)
    assert len({instant(state.create_time) for state in states}) == 1


async def test_update_takes_the_current_etag(fix3: Service, scorecard_id: str) -> None:
    created = await fix3.create(scorecard_id)
    updated = await fix3.update(scorecard_id, "agent", agent="another", etag=created.etag)
    assert (await fix3.update(scorecard_id, "agent", agent="a third", etag=updated.etag)).agent == "a third"


async def test_submit_says_when_and_by_whom(fix3: Service, stores: Stores, scorecard_id: str) -> None:
    await fix3.create(scorecard_id)
    before = datetime.now(UTC)
    submitted = await fix3.submit(scorecard_id, "the coach")
    assert submitted.submitter == "the coach"
    assert before <= instant(submitted.submit_time) == instant(submitted.update_time) <= datetime.now(UTC)
    assert content(submitted) == draft(submitter="the coach", submit_time=submitted.submit_time)
    assert await fix3.get(scorecard_id) == submitted
    assert (await stores.row(scorecard_id))["submitted_at"] == instant(submitted.submit_time)


async def test_an_update_after_submit_leaves_it_submitted(fix3: Service, as_found: Service, scorecard_id: str) -> None:
    for service, number in ((fix3, "1"), (as_found, "2")):
        await service.create(scorecard_id + number)
        submitted = await service.submit(scorecard_id + number)
        updated = await service.update(scorecard_id + number, overall_score=7)
        assert (updated.submitter, updated.submit_time) == (submitted.submitter, submitted.submit_time)
        assert await service.get(scorecard_id + number) == updated


async def test_postgres_keeps_what_was_acknowledged(fix3: Service, stores: Stores, scorecard_id: str) -> None:
    created = await fix3.create(scorecard_id)
    row = await stores.row(scorecard_id)
    assert (row["template"], row["agent"], row["creator"], row["overall_score"]) == (
        "template",
        "agent",
        "creator",
        1.5,
    )
    assert (row["submitted_at"], row["submitter_user_id"]) == (None, "")
    assert row["created_at"] == row["updated_at"] == instant(created.create_time)
    assert await stores.rows("scores", scorecard_id) == [
        _score_row(scorecard_id, "a", 1.0, 0.1, "it's\t\\ é☃", 0, 1),
        _score_row(scorecard_id, "b", None, None, None, 1, 0),
    ]


async def test_each_answer_says_when_its_handler_was_entered_and_as_which(fix3: Service, scorecard_id: str) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: fix3.create(scorecard_id),
        lambda: fix3.create(scorecard_id),
        lambda: fix3.update(scorecard_id, agent="another"),
        lambda: fix3.submit(scorecard_id),
        lambda: fix3.get(scorecard_id),
        lambda: fix3.get("there is none"),
    ]
    sequence = []
    for start in calls:
        before_ns = time.monotonic_ns()
        call = start()
        reported = dict(await call.trailing_metadata())
        assert before_ns < int(reported["x-handler-entered-ns"]) < time.monotonic_ns()
        sequence.append(int(reported["x-handler-sequence"]))
        await call.code()
    assert sequence == list(range(sequence[0], sequence[0] + len(calls)))


def _score_row(scorecard_id: str, *values: object) -> dict[str, object]:
    names = ("criterion_id", "numeric_value", "ai_value", "text_value", "not_applicable", "ai_scored")
    key = {"customer_id": "c", "profile_id": "p", "scorecard_id": scorecard_id}
    return key | dict(zip(names, values, strict=True))
