"""One table in both stores, with its canonical bytes agreed."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from harness.bulk.canonical import Side, fields_of, postgres_row
from harness.bulk.canonical_clickhouse import clickhouse_row
from harness.bulk.clickhouse import ClickHouseSide, ClickHouseTable
from harness.bulk.postgres import PostgresSide, PostgresTable
from harness.bulk.postgres_keys import KeyColumns
from harness.bulk.request import BulkTable
from harness.mapping import StoreMapping

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class TablePair:
    """A table's two sides; `served` says whether PostgreSQL's key is ordered by its bytes, as ClickHouse's is."""

    table: BulkTable
    postgres: PostgresTable
    clickhouse: ClickHouseTable
    served: bool


async def make_pair(
    table: BulkTable, mapping: StoreMapping, postgres: PostgresSide, clickhouse: ClickHouseSide
) -> TablePair:
    """Learn the types of a table's columns in both stores. Raises StoreError where they cannot be compared."""
    ours, theirs = getattr(mapping.postgres, table), getattr(mapping.clickhouse, table)
    our_side, their_side = Side(ours, await postgres.types(ours)), Side(theirs, await clickhouse.types(theirs))
    fields = fields_of(our_side, their_side, mapping.ignored)
    served = await postgres.byte_ordered(ours)
    our_row = postgres_row(fields, trims=clickhouse.trims)
    their_row = clickhouse_row(fields, swaps=clickhouse.swaps)
    key = KeyColumns.of(ours, our_side.types, served=served)
    return TablePair(
        table,
        PostgresTable(postgres, ours, our_row, key),
        ClickHouseTable(clickhouse, theirs, their_row, mapping.clickhouse.deleted),
        served,
    )


async def both(ours: Coroutine[Any, Any, A], theirs: Coroutine[Any, Any, B]) -> tuple[A, B]:
    """Return what both give, working at the same time; where one fails the other is ended."""
    async with asyncio.TaskGroup() as group:
        a, b = group.create_task(ours), group.create_task(theirs)
    return a.result(), b.result()
