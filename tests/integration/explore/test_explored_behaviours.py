"""Each behaviour's interleavings on the real stores: how many are bad, and which is the smallest, as docs/explore.md derives on paper."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import aiohttp
import pytest

from harness.check.anomalies import AnomalyClass
from harness.clock import SystemClock
from harness.embedded.stack import Stack
from harness.explore.explorer import explore
from harness.explore.outcome import Explored, Outcome
from harness.explore.schedule import compact
from harness.explore.subject import EXPLORABLE_BEHAVIOURS, EXPLORABLE_FAULTS, Subject
from harness.model import Order
from harness.scenario import BehaviourName, FaultName
from harness.service.faults.changes import table_faults
from harness.service.schema import NO_TABLE_FAULTS


@dataclass(frozen=True)
class OnPaper:
    """What must come of a behaviour; the smallest counter-examples as `compact` writes them, and the cause of the stale one."""

    interleavings: int
    stale: int = 0
    postgres_wrong: int = 0
    clean: int = 0
    smallest_stale: str | None = None
    cause: AnomalyClass | None = None
    smallest_postgres_wrong: str | None = None


INVERSION, PAYLOAD = AnomalyClass.VERSION_INVERSION, AnomalyClass.STALE_PAYLOAD
BEHAVIOURS = {
    "as_found": OnPaper(20, 10, 6, 6, "UL UC SL SC SW UW", INVERSION, "UL SL SC SW UC UW"),
    "fix1": OnPaper(20, 6, 6, 8, "SL UL UC UW SC SW", PAYLOAD, "UL SL SC SW UC UW"),
    "fix2": OnPaper(70, 8, 20, 44, "UL UC UR SL SC SR SW UW", INVERSION, "UL SL SC SR SW UC UR UW"),
    "fix3": OnPaper(70, 8, 0, 62, "UL UC UR SL SC SR SW UW", INVERSION),
    "cure": OnPaper(6, clean=6),
}
FAULTS = {
    "stale_closure": OnPaper(20, 12, 0, 8, "UL SL SC SW UC UW", PAYLOAD),
    "unordered_tasks": OnPaper(20, 2, 0, 18, "UC UR SC SR SW UW", INVERSION),
    "now_inversion": OnPaper(20, 6, 0, 14, "UB SB SC SW UC UW", INVERSION),
    "full_row_save": OnPaper(20, 0, 6, 14, None, None, "UL SL SC SW UC UW"),
    "history_outside": OnPaper(20, 6, 0, 14, "UC SC SH SW UH UW", INVERSION),
    "block_deduplication": OnPaper(6, 3, 0, 3, "UC UW SC SW", AnomalyClass.VERSION_TIE),
    "versionless_delete": OnPaper(6, 1, 0, 5, "UC SC SW UW", AnomalyClass.RESURRECTED_ROW),
    "lossy_mapping": OnPaper(6, 6, 0, 0, "UC UW SC SW", AnomalyClass.PHANTOM_VALUE),
}


KNOWN: dict[str, Explored] = {}
"""What was explored already: several tests look at one exploration."""


async def explored(stack: Stack, behaviour: str, *faults: str, order: Order | None = None) -> Explored:
    subject = Subject(BehaviourName(behaviour), tuple(map(FaultName, faults)), order)
    if (known := KNOWN.get(str(subject))) is not None:
        return known
    told: list[None] = []
    found = await explore(subject, stack, SystemClock(), lambda: told.append(None))
    assert len(told) == len(found.outcomes)
    return KNOWN.setdefault(str(subject), found)


def expect(found: Explored, on_paper: OnPaper) -> None:
    assert {outcome.error for outcome in found.outcomes} == {None}
    assert found.exhaustive
    assert len(found.outcomes) == len({outcome.scorecard for outcome in found.outcomes}) == on_paper.interleavings
    counts = [
        found.number(lambda o: o.stale),
        found.number(lambda o: o.postgres_wrong),
        found.number(lambda o: o.clean),
    ]
    assert counts == [on_paper.stale, on_paper.postgres_wrong, on_paper.clean]
    assert shown(found.smallest_stale) == on_paper.smallest_stale
    assert shown(found.smallest_postgres_wrong) == on_paper.smallest_postgres_wrong
    if found.smallest_stale is not None:
        assert [cause.anomaly_class for cause in found.smallest_stale.causes] == [on_paper.cause]


def shown(outcome: Outcome | None) -> str | None:
    return None if outcome is None else compact(outcome.schedule)


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
async def test_a_behaviour_is_bad_in_exactly_the_interleavings_derived_on_paper(stack: Stack, behaviour: str) -> None:
    expect(await explored(stack, behaviour), BEHAVIOURS[behaviour])


def test_every_behaviour_and_every_fault_that_can_be_explored_is_here() -> None:
    assert BEHAVIOURS.keys() == set(EXPLORABLE_BEHAVIOURS)
    assert FAULTS.keys() == set(EXPLORABLE_FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_makes_the_cure_bad(stack: Stack, fault: str) -> None:
    if table_faults([FaultName(fault)]) == NO_TABLE_FAULTS:
        expect(await explored(stack, "cure", fault), FAULTS[fault])
        return
    # It is in the tables, which the first exploration of a database makes.
    async with new_database(stack) as fresh:
        expect(await explored(fresh, "cure", fault), FAULTS[fault])


@asynccontextmanager
async def new_database(stack: Stack) -> AsyncIterator[Stack]:
    """Hold the stack with a ClickHouse database that has no tables yet."""
    name = f"explored_{uuid.uuid4().hex}"
    owner, reader = (url.rpartition("/")[0] for url in (stack.clickhouse_url, stack.clickhouse_reader_url))
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        await session.post(owner, data=f"CREATE DATABASE {name}")
        yield replace(stack, clickhouse_url=f"{owner}/{name}", clickhouse_reader_url=f"{reader}/{name}")
        await session.post(owner, data=f"DROP DATABASE {name}")


async def test_with_an_order_only_the_half_that_begins_so_is_played(stack: Stack) -> None:
    for order, first in ((Order.UPDATE_FIRST, "U"), (Order.SUBMIT_FIRST, "S")):
        found = await explored(stack, "as_found", order=order)
        assert (found.expected, found.exhaustive) == (10, True)
        assert {compact(outcome.schedule)[0] for outcome in found.outcomes} == {first}


def position(outcome: Outcome, turn: str) -> int:
    return compact(outcome.schedule).split().index(turn)


async def test_fix3_is_stale_exactly_where_the_last_to_write_had_read_before_the_other_committed(stack: Stack) -> None:
    for outcome in (await explored(stack, "fix3")).outcomes:
        last, other = ("U", "S") if position(outcome, "UW") > position(outcome, "SW") else ("S", "U")
        assert outcome.stale == (position(outcome, f"{last}R") < position(outcome, f"{other}C"))


async def test_fix2_clobbers_exactly_where_submit_commits_between_updates_load_and_commit(stack: Stack) -> None:
    for outcome in (await explored(stack, "fix2")).outcomes:
        clobbered = position(outcome, "UL") < position(outcome, "SC") < position(outcome, "UC")
        assert outcome.postgres_wrong == clobbered
