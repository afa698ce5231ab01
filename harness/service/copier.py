"""Writes one copy to ClickHouse: its version, its rows, both tables at once."""

import asyncio
import time

from harness.service.behaviours import Behaviour, Version
from harness.service.clickhouse_writer import ClickHouseWriter
from harness.service.faults.planted import Planted
from harness.service.records import Entity
from harness.service.refusals import RolledBackError
from harness.service.rows import header_rows, score_rows
from harness.units import US_PER_S


class Copier:
    """Writes copies as the behaviour and the planted faults say."""

    def __init__(self, writer: ClickHouseWriter, behaviour: Behaviour, planted: Planted) -> None:
        self._writer = writer
        self._behaviour = behaviour
        self._planted = planted

    async def write(self, entity: Entity, method: str, history_id: int = 0) -> None:
        """Hand over both tables' inserts at once, each table's in their order; return when all have landed."""
        plan = self._planted.plan(entity, self._version(entity, history_id), method)
        key, whole_seconds = entity.key, self._writer.whole_seconds
        async with asyncio.TaskGroup() as group:
            for headers in plan.headers:
                self._planted.tell_headers(key, headers)
                group.create_task(self._writer.headers.write(header_rows(key, headers, whole_seconds=whole_seconds)))
            for scores in plan.scores:
                self._planted.tell_scores(key, scores)
                group.create_task(self._writer.scores.write(score_rows(key, scores)))

    async def write_before_commit(self, entity: Entity, method: str) -> None:
        """Write a call's copy while its transaction is open, and then fail it, where a fault says so. Raises RolledBackError."""
        if self._planted.rolls_back(entity.key, method):
            await self.write(entity, method)
            raise RolledBackError

    def _version(self, entity: Entity, history_id: int) -> int:
        """Return the version of what is written now."""
        updated_us = round(entity.header.updated_at.timestamp() * US_PER_S)
        match self._behaviour.version:
            case Version.WRITE_TIME:
                return time.time_ns()
            case Version.UPDATED_AT:
                return updated_us
            case Version.UPDATED_AT_SECOND:
                return updated_us // US_PER_S
            case Version.HISTORY_ID:
                return history_id
            case Version.REVISION:
                return entity.revision
