"""The faults in what one copy writes."""

import struct
from dataclasses import replace
from datetime import datetime

from harness.service.records import Entity, Key, ScoreRow
from harness.service.rows import CopyPlan, HeaderVersion, ScoresVersion


def narrowed(entity: Entity) -> Entity:
    """Return what a careless mapping makes of a scorecard: numbers by way of Float32, 0 for an absent one, times cut to seconds."""
    header = entity.header
    lossy = replace(
        header,
        overall_score=_float32(header.overall_score),
        submitted_at=None if header.submitted_at is None else _cut(header.submitted_at),
        created_at=_cut(header.created_at),
        updated_at=_cut(header.updated_at),
    )
    return replace(entity, header=lossy, scores=tuple(_narrowed_score(score) for score in entity.scores))


def deleted_without_version(entity: Entity, version: int) -> CopyPlan:
    """Return the copy of a Submit that takes the draft out and puts the submitted scorecard in, without a new version for either.

    Both carry the draft's version, the one before the Submit's own. Whatever copy of the draft lands later resurrects it.
    """
    header, scores = HeaderVersion(entity.header, version - 1), ScoresVersion(entity.scores, version - 1)
    headers = (replace(header, deleted=True), header)
    return CopyPlan((headers,), ((replace(scores, deleted=True), scores),) if entity.scores else ())


class ReplacedScores:
    """A copy that replaces a scorecard's scores as a set: it takes out what is there and puts in what there is now.

    Scores that did not change keep the version under which they were written, since nothing about them is new. So the block that is put
    in is, to the byte, one that was inserted before (A), and what took it out lies between (B): A, B, A.
    """

    def __init__(self) -> None:
        self._kept: dict[Key, ScoresVersion] = {}
        self._blocks: set[tuple[Key, ScoresVersion]] = set()

    def plan(self, entity: Entity, version: int) -> CopyPlan:
        """Return the inserts of a copy."""
        plan = CopyPlan.of(entity, version)
        there = self._kept.get(entity.key)
        if not entity.scores or (there is not None and there.version > version and there.scores != entity.scores):
            # Older than what is there: it must not take that out.
            return plan
        now = there if there is not None and there.scores == entity.scores else ScoresVersion(entity.scores, version)
        self._kept[entity.key] = now
        taken_out = () if there is None else ((replace(there, deleted=True),),)
        return replace(plan, scores=(*taken_out, (now,)))

    def is_repeated(self, key: Key, insert: tuple[ScoresVersion, ...]) -> bool:
        """Return whether this very block was inserted before, so that the engine will drop it and report success."""
        before = len(self._blocks)
        self._blocks.update((key, one) for one in insert)
        return len(self._blocks) == before


def _narrowed_score(score: ScoreRow) -> ScoreRow:
    return replace(score, numeric_value=_float32(score.numeric_value), ai_value=_float32(score.ai_value))


def _float32(value: float | None) -> float:
    narrow: float = struct.unpack("f", struct.pack("f", 0.0 if value is None else value))[0]
    return narrow


def _cut(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)
