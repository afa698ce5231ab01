"""Is what was played what the schedule says? Told by the stores themselves, and by gates and services that are broken on purpose."""

import asyncio
from typing import Any

import aiohttp
import asyncpg
import pytest

from harness.clock import SystemClock
from harness.embedded.stack import Stack
from harness.explore.explorer import explore, open_player
from harness.explore.gates import Gates, Turns
from harness.explore.subject import Subject
from harness.mapping import StoreMapping
from harness.model import Method
from harness.observe.batch import open_readers
from harness.scenario import BehaviourName, FaultName
from harness.service.copier import Copier
from harness.service.records import Key
from harness.service.refusals import AlreadySubmittedError
from harness.service.steps import Step, Steps
from harness.service.store import Store

FIX3 = Subject(BehaviourName.FIX3)
REREAD = Subject(BehaviourName.CURE, (FaultName.UNORDERED_TASKS,))
CURE = Subject(BehaviourName.CURE)


def order(schedule: Any, step: Step) -> list[Method]:
    return [turn.method for turn in schedule if turn.step is step]


async def test_the_commits_and_the_writes_are_in_the_schedules_order(
    stack: Stack, postgres: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """The audit rows are numbered in the transactions; a write's version is the time at which it was made, so it tells the order."""
    found = await explore(FIX3, stack, SystemClock(), lambda: None)
    async with open_readers(
        stack.postgres_reader_dsn, stack.clickhouse_reader_url, StoreMapping(), SystemClock()
    ) as readers:
        snapshots = await readers.read([outcome.scorecard for outcome in found.outcomes])
    for outcome, snapshot in zip(found.outcomes, snapshots, strict=True):
        rows = await postgres.fetch(
            "SELECT method FROM historic_scorecards WHERE scorecard_id = $1 ORDER BY historic_id",
            outcome.scorecard.rpartition("/")[2],
        )
        assert [row["method"] for row in rows] == [Method.CREATE, *order(outcome.schedule, Step.COMMIT)]
        # A copy carries what was committed before it was read, so each write can be told by what it holds.
        _, *written = snapshot.clickhouse.raw_headers
        for turn, row in zip(order(outcome.schedule, Step.WRITE), written, strict=True):
            read = [(t.method, t.step) for t in outcome.schedule].index((turn, Step.READ))
            submitted = Method.SUBMIT in [t.method for t in outcome.schedule[:read] if t.step is Step.COMMIT]
            assert (row.value.submit_time_us is not None) is submitted


@pytest.mark.parametrize("seam", [Step.COMMIT, Step.READ, Step.WRITE])
async def test_a_service_that_passes_a_gate_is_found_out(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, seam: Step
) -> None:
    """One seam is taken out of the service: not one schedule may count as played."""
    original = Gates.at

    async def at(gates: Gates, step: Step, key: Key, method: str) -> None:
        if step is not seam:
            await original(gates, step, key, method)

    monkeypatch.setattr(Gates, "at", at)
    found = await explore(REREAD, stack, SystemClock(), lambda: None)
    assert not found.exhaustive
    assert {outcome.judgement for outcome in found.outcomes} == {None}
    assert all(f"{seam} cannot come" in (outcome.error or "") for outcome in found.outcomes)


async def test_gates_that_hold_nobody_are_found_out(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    async def at(turns: Turns, step: Step, method: Method) -> None:
        turns._opened[method].release()
        await original(turns, step, method)

    original = Turns.at
    monkeypatch.setattr(Turns, "at", at)
    found = await explore(REREAD, stack, SystemClock(), lambda: None)
    assert {outcome.judgement for outcome in found.outcomes} == {None}


async def test_a_call_that_is_refused_is_no_silent_pass(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    async def submit(store: Store, key: Key, submitter: str) -> None:
        raise AlreadySubmittedError

    monkeypatch.setattr(Store, "submit", submit)
    found = await explore(CURE, stack, SystemClock(), lambda: None)
    assert {outcome.error for outcome in found.outcomes} == {"AlreadySubmittedError()"}
    assert (found.exhaustive, found.number(lambda outcome: outcome.clean)) == (False, 0)


async def test_a_copy_that_is_lost_is_no_silent_pass(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise aiohttp.ClientError("the insert failed")

    async with open_player(CURE, stack, SystemClock()) as player:
        played = await player.play(1, CURE.schedules[0])
        assert (played.error, played.written is None) == (None, False)
        monkeypatch.setattr(Copier, "write", fails)
        played = await player.play(2, CURE.schedules[0])
        assert (played.error, played.written) == ("ClientError('the insert failed')", None)


async def test_a_step_that_never_ends_is_told_and_leaves_nothing_behind(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Copier.write

    async def write(copier: Copier, entity: Any, method: str, history_id: int = 0) -> None:
        if method == Method.SUBMIT:
            await asyncio.Event().wait()
        await original(copier, entity, method, history_id)

    monkeypatch.setattr(Copier, "write", write)
    async with open_player(CURE, stack, SystemClock()) as player:
        player.patience_s = 5.0
        before = len(asyncio.all_tasks())
        played = await player.play(1, CURE.schedules[0])
        assert played.error == "SubmitScorecard's write had not ended after 5 s"
        assert len(asyncio.all_tasks()) == before


async def test_commits_in_another_order_than_asked_for_are_found_out(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two calls that stop at each other's gates: all arrive in turn, only PostgreSQL knows better."""
    swapped = {Method.UPDATE: Method.SUBMIT, Method.SUBMIT: Method.UPDATE}

    async def at(turns: Turns, step: Step, method: Method) -> None:
        await original(turns, step, swapped[method])

    original, play = Turns.at, Turns.play
    monkeypatch.setattr(Turns, "at", at)

    async def play_crossed(turns: Turns, calls: Any) -> Any:
        ended = await play(turns, {swapped[method]: call for method, call in calls.items()})
        return {swapped[method]: result for method, result in ended.items()}

    monkeypatch.setattr(Turns, "play", play_crossed)
    found = await explore(CURE, stack, SystemClock(), lambda: None)
    assert all("PostgreSQL's count of the row's writes" in (outcome.error or "") for outcome in found.outcomes)


def test_without_gates_the_service_waits_for_nobody() -> None:
    """The seam of production does nothing at all."""
    passing = Steps().at(Step.COMMIT, Key("c", "p", "s"), Method.UPDATE)
    with pytest.raises(StopIteration):
        passing.send(None)
