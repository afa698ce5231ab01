"""What was copied faithfully is never called different, and what was not is never called equal: on both stores, for every pair of types.

The stores themselves say what a column can hold: a value and its neighbour are both copied; where ClickHouse then holds two different
things, the neighbour's copy is no copy of the value, and where it holds the same thing, that is a representation of at least one.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from value_cases import CASES, Case
from value_stores import ValueClickHouse, ValuePostgres, decode

from harness.check.values import Loss, Outcome, Rule, compare

EXAMPLES = 25
checked: Counter[str] = Counter()


def rule_of(case: Case) -> Rule:
    rule = Rule.of(case.rule_name or case.postgres, case.clickhouse)
    return (
        rule
        if "UTC" in case.clickhouse
        else replace(rule, declared=rule.declared - {Loss.RESOLUTION} | {Loss.TOWARDS_EPOCH})
    )


@pytest.fixture(scope="module")
async def cases(postgres: ValuePostgres, clickhouse: ValueClickHouse) -> tuple[Case, ...]:
    """The pairs of types that the engine has."""
    found = tuple(case for case in CASES if clickhouse.modern or not case.modern)
    await postgres.execute(
        "DROP TABLE IF EXISTS v; DROP TYPE IF EXISTS letter; CREATE TYPE letter AS ENUM ('a', 'A', 'a ', '')"
    )
    await postgres.create([case.postgres for case in found])
    checked.clear()
    return found


@st.composite
def rows(draw: st.DrawFn, cases: tuple[Case, ...]) -> tuple[list[Any], list[Any]]:
    """Return a value for each column, and beside it one that lies next to it."""
    values, neighbours = [], []
    for case in cases:
        value = draw(case.values)
        values.append(draw(st.sampled_from([value, value, value, value, None])) if case.nullable else value)
        around = [other for other in case.near(value) if other is not None and other != value]
        neighbours.append(draw(st.sampled_from([*around, None])))
    return values, neighbours


@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
async def test_copies_and_neighbours(
    postgres: ValuePostgres, clickhouse: ValueClickHouse, cases: tuple[Case, ...], data: st.DataObject
) -> None:
    held, copied = await store(postgres, clickhouse, cases, *data.draw(rows(cases)))
    for case, values, cells in zip(cases, zip(*held, strict=True), zip(*copied, strict=True), strict=True):
        with explained(case, values, cells):
            check(case, values, cells)


@contextmanager
def explained(case: Case, values: tuple[Any, ...], cells: tuple[bytes, ...]) -> Iterator[None]:
    try:
        yield
    except BaseException:
        note(f"{case.postgres} in {case.clickhouse}: {values} copied as {cells}")
        raise


async def store(
    postgres: ValuePostgres,
    clickhouse: ValueClickHouse,
    cases: tuple[Case, ...],
    values: list[Any],
    neighbours: list[Any],
) -> tuple[list[tuple[Any, ...]], list[tuple[bytes, ...]]]:
    held = await postgres.write([case.postgres for case in cases], [values, neighbours])
    types = [case.clickhouse for case in cases]
    # A NULL that the column cannot take is not copied: the value stands there twice.
    copies = [
        held[0],
        [
            value if other is None and not case.nullable else other
            for case, value, other in zip(cases, *held, strict=True)
        ],
    ]
    await clickhouse.write(types, copies)
    return held, await clickhouse.read(types)


def check(case: Case, values: tuple[Any, ...], cells: tuple[bytes, ...]) -> None:
    (value, neighbour), (copy, other) = values, (decode(cell, case.clickhouse) for cell in cells)
    rule = rule_of(case)
    own, crossed = compare(value, copy, rule), compare(neighbour, copy, rule)
    assert own.outcome is Outcome.EQUAL or (case.lossy and own.outcome is Outcome.REPRESENTATION)
    checked["copies"] += 1
    if same(value, neighbour):
        return  # PostgreSQL itself cannot hold the difference.
    checked["neighbours"] += 1
    if neighbour is None and not case.nullable:
        assert crossed.outcome is Outcome.DIFFERENT
        return
    theirs = compare(neighbour, other, rule)
    assert theirs.outcome is not Outcome.DIFFERENT
    if cells[0] != cells[1] and not same(copy, other):
        assert crossed.outcome is Outcome.DIFFERENT
        assert compare(value, other, rule).outcome is Outcome.DIFFERENT
    else:
        checked["indistinct"] += 1
        assert Outcome.REPRESENTATION in (own.outcome, crossed.outcome)
        assert Outcome.DIFFERENT not in (own.outcome, crossed.outcome)


def same(one: Any, other: Any) -> bool:
    return one == other or (one != one and other != other)


async def test_enough_was_checked(cases: tuple[Case, ...]) -> None:
    """At least 500 pairs of type and value a store, and as many neighbours; the property has run before this."""
    if not checked:
        pytest.skip("the property was not run")
    print(dict(checked))
    assert checked["copies"] >= 500
    assert checked["neighbours"] >= 500
    assert checked["indistinct"] > 0
