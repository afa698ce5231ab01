"""Plays one schedule: a scorecard of its own, two calls on the reference service's own code, and the gates between their steps."""

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from harness.check.facts import Written
from harness.clock import Clock
from harness.explore.gates import Gates, ScheduleError, Turns
from harness.explore.schedule import PAIR, Schedule
from harness.model import Call, CallOutcome, Content, Method, Score
from harness.observe.names import ScorecardName
from harness.plan.content import content_of
from harness.service.records import Entity, HeaderRow, Key, ScoreRow, Update
from harness.service.replicator import Replicator
from harness.service.steps import Step
from harness.service.store import Store

CUSTOMER = "harness-explore"
SCORES = 2
SEED = 1
# Far more than a schedule takes: what has not come by then will not.
PATIENCE_S = 20.0

Write = Callable[[], Coroutine[Any, Any, Entity]]


@dataclass(frozen=True, slots=True)
class Played:
    """One schedule that was played, or not: `error` then says why, and nothing is known of the stores."""

    schedule: Schedule
    scorecard: str
    written: Written | None = None
    error: str | None = None


class Player:
    """Plays schedules on one service, whose store and replicator have the gates as their steps."""

    def __init__(self, store: Store, replicator: Replicator, gates: Gates, profile: str, clock: Clock) -> None:
        self._store = store
        self._replicator = replicator
        self._gates = gates
        self._profile = profile
        self._clock = clock
        self.patience_s = PATIENCE_S

    async def play(self, number: int, schedule: Schedule) -> Played:
        """Play the schedule of that number; return when both calls have ended and their copies landed, or one of them cannot."""
        key = Key(CUSTOMER, self._profile, uuid.uuid4().hex)
        name = str(ScorecardName(key.customer_id, key.profile_id, key.scorecard_id))
        turns, content = self._gates.add(key, schedule), content_of(SEED, number, SCORES)
        try:
            async with asyncio.timeout(self.patience_s) as limit:
                calls = await self._play(key, name, turns, content)
        except Exception as error:
            # Whatever went wrong, this schedule was not played to its end; the others may yet be.
            return Played(schedule, name, error=self._reason(turns, None if limit.expired() else error))
        return Played(schedule, name, Written(content, calls))

    def _reason(self, turns: Turns, error: Exception | None) -> str:
        """Return why a schedule could not be played; no error stands for the end of patience."""
        if error is None:
            return f"{turns.turn or 'the way to the first step'} had not ended after {self.patience_s:g} s"
        return str(error) if isinstance(error, ScheduleError) else repr(error)

    async def _play(self, key: Key, name: str, turns: Turns, content: Content) -> tuple[Call, ...]:
        """Return the calls, Create first, all of them acknowledged."""
        created = await self._create(key, name, content)
        (updated,) = content.updates
        update = Update({"overall_score": updated.overall_score}, _rows(updated.scores), etag="")
        writes: dict[Method, Write] = {
            Method.UPDATE: lambda: self._store.update(key, update),
            Method.SUBMIT: lambda: self._store.submit(key, content.submitter),
        }
        ended = await turns.play({method: self._call(name, method, write) for method, write in writes.items()})
        _expect_order(turns.schedule, {method: entity.revision for method, (_, entity) in ended.items()})
        return (created, *(ended[method][0] for method in PAIR))

    async def _create(self, key: Key, name: str, content: Content) -> Call:
        now = self._clock.utc()
        header = HeaderRow(
            content.template, content.agent, content.creator, content.created_overall, None, "", now, now
        )
        scores = _rows(content.created_scores)
        call, _ = await self._call(name, Method.CREATE, lambda: self._store.create(key, header, scores))
        return call

    async def _call(self, name: str, method: Method, write: Write) -> tuple[Call, Entity]:
        """Do what the service does for a call; return when its copy has landed. Raises what goes wrong with either."""
        started_ns = self._clock.now_ns()
        entity = await write()
        finished_ns = self._clock.now_ns()
        await self._replicator.start(name, entity, method)
        return Call(method, started_ns, started_ns, finished_ns, "OK", "", CallOutcome.ACKNOWLEDGED), entity


def _expect_order(schedule: Schedule, revisions: dict[Method, int]) -> None:
    """Hold the schedule's commits against PostgreSQL's own count of the row's writes. Raises ScheduleError."""
    first = next(turn for turn in schedule if turn.step is Step.COMMIT)
    if revisions[first.method] != min(revisions.values()):
        raise ScheduleError(f"{first} was to be the first, and by PostgreSQL's count of the row's writes it was not")


def _rows(scores: tuple[Score, ...]) -> tuple[ScoreRow, ...]:
    """Return scores as the service's rows, whose fields are the same but for the name of the criterion."""
    return tuple(map(_row, scores))


def _row(score: Score) -> ScoreRow:
    values = score._asdict()
    return ScoreRow(criterion_id=values.pop("criterion"), **values)
