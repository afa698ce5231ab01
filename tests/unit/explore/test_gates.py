"""The gates: one step at a time, in the order of the schedule, and an error where that cannot be."""

import asyncio
from collections.abc import Sequence

import pytest

from harness.explore.gates import Gates, ScheduleError, Turns
from harness.explore.schedule import PAIR, Schedule, Turn, interleavings
from harness.model import Method
from harness.service.records import CREATE, Key
from harness.service.steps import Step

STEPS = (Step.LOAD, Step.COMMIT, Step.WRITE)
SCHEDULES = interleavings(STEPS)
UPDATE_BEFORE_SUBMIT, *_ = SCHEDULES


class Pair:
    """Two calls that write down what they do, and give others the chance to do something meanwhile."""

    def __init__(self, schedule: Schedule) -> None:
        self.turns = Turns(schedule)
        self.begun: list[Turn] = []
        self.ended: list[Turn] = []

    async def call(self, method: Method, steps: Sequence[Step] = STEPS) -> Method:
        for step in steps:
            await self.turns.at(step, method)
            self.begun.append(Turn(method, step))
            for _ in range(3):
                await asyncio.sleep(0)
            self.ended.append(Turn(method, step))
        return method

    async def play(self, update: Sequence[Step] = STEPS, submit: Sequence[Step] = STEPS) -> dict[Method, Method]:
        calls = {Method.UPDATE: self.call(Method.UPDATE, update), Method.SUBMIT: self.call(Method.SUBMIT, submit)}
        async with asyncio.timeout(5):
            return await self.turns.play(calls)


@pytest.mark.parametrize("schedule", SCHEDULES)
async def test_steps_are_done_one_after_the_other_as_the_schedule_says(schedule: Schedule) -> None:
    pair = Pair(schedule)
    assert await pair.play() == {method: method for method in PAIR}
    assert pair.begun == pair.ended == list(schedule)


async def test_a_begin_that_is_no_turn_of_its_own_passes() -> None:
    pair = Pair(UPDATE_BEFORE_SUBMIT)
    await pair.play(update=(Step.LOAD, Step.BEGIN, Step.COMMIT, Step.WRITE))
    assert [turn for turn in pair.ended if turn.step is not Step.BEGIN] == list(UPDATE_BEFORE_SUBMIT)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ((Step.LOAD, Step.COMMIT), "UpdateScorecard's write cannot come: it has ended"),
        ((Step.COMMIT, Step.WRITE), "UpdateScorecard's load cannot come: it is at its commit"),
        ((*STEPS, Step.READ), "UpdateScorecard has a read more than the schedule has"),
        ((), "UpdateScorecard's load cannot come: it has ended"),
    ],
)
async def test_other_steps_than_the_schedules_are_an_error(steps: tuple[Step, ...], message: str) -> None:
    with pytest.raises(ScheduleError, match=message):
        await Pair(UPDATE_BEFORE_SUBMIT).play(update=steps)


class Open(Turns):
    """Gates that hold nobody."""

    async def at(self, step: Step, method: Method) -> None:
        self._opened[method].release()
        await super().at(step, method)


class Absent(Turns):
    """Gates that hold nobody and do not look whose turn it is."""

    async def at(self, step: Step, method: Method) -> None:
        self._arrived[method].put_nowait(step)


@pytest.mark.parametrize("broken", [Open, Absent])
async def test_a_call_that_does_not_wait_is_an_error(broken: type[Turns]) -> None:
    for schedule in SCHEDULES:
        pair = Pair(schedule)
        pair.turns = broken(schedule)
        with pytest.raises(ScheduleError, match="did not wait for its turn"):
            await pair.play()


async def test_what_a_call_raises_is_raised_and_the_other_call_is_ended() -> None:
    async def fails() -> Method:
        raise ValueError("refused")

    pair = Pair(UPDATE_BEFORE_SUBMIT)
    with pytest.raises(ValueError, match="refused"):
        await pair.turns.play({Method.UPDATE: fails(), Method.SUBMIT: pair.call(Method.SUBMIT)})
    assert len(asyncio.all_tasks()) == 1


async def test_who_gives_up_ends_both_calls_and_can_say_what_was_waited_for() -> None:
    async def hangs(turns: Turns) -> Method:
        await turns.at(Step.LOAD, Method.UPDATE)
        await asyncio.Event().wait()
        raise AssertionError

    pair = Pair(UPDATE_BEFORE_SUBMIT)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await pair.turns.play({Method.UPDATE: hangs(pair.turns), Method.SUBMIT: pair.call(Method.SUBMIT)})
    assert str(pair.turns.turn) == "UpdateScorecard's load"
    assert len(asyncio.all_tasks()) == 1


async def test_create_has_no_gates_and_a_scorecard_has_its_own() -> None:
    gates, key = Gates(), Key("c", "p", "s")
    await gates.at(Step.WRITE, key, CREATE)
    turns = gates.add(key, UPDATE_BEFORE_SUBMIT)
    waiting = asyncio.create_task(gates.at(Step.LOAD, key, Method.UPDATE))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    turns.turn = UPDATE_BEFORE_SUBMIT[0]
    turns._opened[Method.UPDATE].release()
    await waiting
