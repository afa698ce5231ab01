"""What the service itself did to each scorecard: on which of them did a planted fault take effect?

Definitions. The *last state* of a scorecard is what the write with the highest revision left in PostgreSQL. What ClickHouse was *told* is
the header, and the scores, that were handed over under the highest version, the last of them where several have it: what FINAL must
show. A fault that works through the copies *took effect* where a scorecard was told something else than its last state; it is known
from what was handed over, no store is asked. Other faults took effect where what they plant happened. `RULES` says which is which.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from harness.scenario import FaultName
from harness.service.records import Entity, HeaderRow, Key, ScoreRow

Scores = tuple[ScoreRow, ...]


class Rule(Enum):
    """When a fault took effect on a scorecard."""

    TOLD_WRONG = auto()
    """ClickHouse was told something else than the last state."""
    HAPPENED_AND_TOLD_WRONG = auto()
    """What is planted happened to one of its copies or calls, and no later copy made it good."""
    HAPPENED = auto()
    """What is planted happened."""


RULES = dict.fromkeys(FaultName, Rule.TOLD_WRONG) | {
    FaultName.DROPPED_COPY: Rule.HAPPENED_AND_TOLD_WRONG,
    FaultName.ROLLED_BACK_INSERT: Rule.HAPPENED_AND_TOLD_WRONG,
    FaultName.SPLIT_INSERT_CRASH: Rule.HAPPENED_AND_TOLD_WRONG,
    FaultName.FULL_ROW_SAVE: Rule.HAPPENED,
    FaultName.PARTITION_BY_STATUS: Rule.HAPPENED,
    FaultName.LATE_COPY: Rule.HAPPENED,
}


@dataclass(slots=True)
class _Entry:
    last: Entity | None = None
    header_version: int = -1
    header: HeaderRow | None = None
    scores_version: int = -1
    scores: Scores = ()
    partitions: set[bool] = field(default_factory=set)
    """Into which partitions its header was written, were they by status."""
    happened: set[FaultName] = field(default_factory=set)

    @property
    def told_wrong(self) -> bool:
        if self.last is None:
            return self.header is not None
        return (self.header, self.scores) != (self.last.header, self.last.scores)

    def affected_by(self, fault: FaultName) -> bool:
        match RULES[fault]:
            case Rule.TOLD_WRONG:
                return self.told_wrong
            case Rule.HAPPENED_AND_TOLD_WRONG:
                return fault in self.happened and self.told_wrong
            case Rule.HAPPENED:
                return fault in self.happened


class Ledger:
    """Kept for as long as the service runs, and only where a fault is planted."""

    def __init__(self, faults: Iterable[FaultName]) -> None:
        self._faults = frozenset(faults)
        self._entries: dict[Key, _Entry] = {}

    def committed(self, entity: Entity) -> None:
        """Note a scorecard as a write left it in PostgreSQL."""
        entry = self._entry(entity.key)
        if entry is not None and (entry.last is None or entity.revision > entry.last.revision):
            entry.last = entity

    def told_header(self, key: Key, version: int, header: HeaderRow | None) -> None:
        """Note a header that is handed over to ClickHouse, None for a tombstone."""
        entry = self._entry(key)
        if entry is None:
            return
        if header is not None:
            entry.partitions.add(header.submitted_at is None)
        if len(entry.partitions) == 2:
            entry.happened.add(FaultName.PARTITION_BY_STATUS)
        if version >= entry.header_version:
            entry.header_version, entry.header = version, header

    def told_scores(self, key: Key, version: int, scores: Scores) -> None:
        """Note scores that are handed over to ClickHouse, none for their tombstones."""
        entry = self._entry(key)
        if entry is not None and version >= entry.scores_version:
            entry.scores_version, entry.scores = version, scores

    def happened(self, key: Key, fault: FaultName) -> None:
        """Note that what a fault plants happened to one copy or call of a scorecard."""
        if (entry := self._entry(key)) is not None:
            entry.happened.add(fault)

    def affected(self, key: Key) -> list[FaultName]:
        """Return the faults that took effect on a scorecard; final as soon as it owes no copy any more."""
        entry = self._entries.get(key)
        return [] if entry is None else sorted(fault for fault in self._faults if entry.affected_by(fault))

    def _entry(self, key: Key) -> _Entry | None:
        return self._entries.setdefault(key, _Entry()) if self._faults else None
