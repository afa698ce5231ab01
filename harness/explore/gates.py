"""Gates: hold each step of two calls until a schedule says that it is its turn.

A call, or its copy, stops at the gate before each of its steps. A step lasts from the opening of its gate until the call is at its next
gate, or has ended with its copy landed; then the next turn's gate is opened. So at any time one call at most is at work.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

from harness.explore.schedule import PAIR, Schedule, Turn
from harness.model import Method
from harness.service.records import CREATE, Key
from harness.service.steps import Step, Steps

T = TypeVar("T")


class ScheduleError(Exception):
    """The service cannot be led through a schedule: it has other steps, or did not wait for its turn."""


class Turns:
    """The gates of one scorecard."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.turn: Turn | None = None
        """Whose turn it is, None before the first."""
        self._arrived: dict[Method, asyncio.Queue[Step]] = {method: asyncio.Queue() for method in PAIR}
        self._opened = {method: asyncio.Semaphore(0) for method in PAIR}

    async def at(self, step: Step, method: Method) -> None:
        """Return when it is this step's turn."""
        if step is Step.BEGIN and Turn(method, step) not in self.schedule:
            return  # Where it sets no time it belongs to what is before it.
        self._arrived[method].put_nowait(step)
        await self._opened[method].acquire()
        if self.turn != Turn(method, step):
            raise ScheduleError(f"{method} did not wait for its turn to {step}")

    async def play(self, calls: Mapping[Method, Coroutine[Any, Any, T]]) -> dict[Method, T]:
        """Run both calls with their copies to their ends, one step at a time; return what they returned.

        Raises what a call raises, and ScheduleError.
        """
        tasks = {method: asyncio.create_task(call) for method, call in calls.items()}
        try:
            at = {method: await self._reached(method, task) for method, task in tasks.items()}
            for turn in self.schedule:
                self._expect(turn, at)
                self.turn = turn
                self._opened[turn.method].release()
                at[turn.method] = await self._reached(turn.method, tasks[turn.method])
                self._expect_nobody_passed()
            for method, step in at.items():
                if step is not None:
                    raise ScheduleError(f"{method} has a {step} more than the schedule has")
            return {method: task.result() for method, task in tasks.items()}
        finally:
            for task in tasks.values():
                task.cancel()
            await asyncio.gather(*tasks.values(), return_exceptions=True)

    async def _reached(self, method: Method, task: "asyncio.Task[Any]") -> Step | None:
        """Return the step at whose gate a call is next, None where it has ended. Raises what it raised."""
        arriving = asyncio.create_task(self._arrived[method].get())
        try:
            await asyncio.wait({arriving, task}, return_when=asyncio.FIRST_COMPLETED)
            if arriving.done():
                return arriving.result()
        finally:
            arriving.cancel()
        task.result()
        return None

    def _expect(self, turn: Turn, at: Mapping[Method, Step | None]) -> None:
        if at[turn.method] is not turn.step:
            where = at[turn.method]
            found = "it has ended" if where is None else f"it is at its {where}"
            raise ScheduleError(f"{turn} cannot come: {found}")

    def _expect_nobody_passed(self) -> None:
        for method, arrived in self._arrived.items():
            if not arrived.empty():
                raise ScheduleError(f"{method} did not wait for its turn: it is at its {arrived.get_nowait()} already")


class Gates(Steps):
    """The gates of all scorecards that are explored. Create has none: it is over before the pair begins."""

    def __init__(self) -> None:
        self._turns: dict[Key, Turns] = {}

    def add(self, key: Key, schedule: Schedule) -> Turns:
        """Put up the gates of a scorecard."""
        turns = self._turns[key] = Turns(schedule)
        return turns

    async def at(self, step: Step, key: Key, method: str) -> None:
        """Return when it is this step's turn."""
        if method != CREATE:
            await self._turns[key].at(step, Method(method))
