"""The faults of one running service: which are on, whom they hit, and the ledger of what they did."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from harness.scenario import FaultName, FaultSettings
from harness.service.faults.copies import ReplacedScores, deleted_without_version, narrowed
from harness.service.faults.ledger import Ledger
from harness.service.latency import uniform
from harness.service.records import CREATE, SUBMIT, UPDATE, Entity, Key
from harness.service.rows import CopyPlan, HeaderVersion, ScoresVersion


class Planted:
    """Asked at every place where a fault can be; without faults it says no everywhere."""

    def __init__(self, faults: Sequence[FaultName] = (), settings: FaultSettings | None = None, seed: int = 1) -> None:
        self.faults = tuple(faults)
        self.settings = FaultSettings() if settings is None else settings
        self.ledger = Ledger(faults)
        self._seed = seed
        self._asked: Counter[FaultName] = Counter()
        self._replaced = ReplacedScores()

    def skew(self, method: str) -> timedelta:
        """Return how far the clock of the host that serves a method is ahead."""
        return timedelta(milliseconds=-self.settings.skew_ms if method == UPDATE else 0)

    def clobbers(self, early: Entity, locked: Entity) -> None:
        """Take in what Update has loaded early and is about to save, and what the row holds now."""
        if FaultName.FULL_ROW_SAVE in self.faults and early.header.submitted_at != locked.header.submitted_at:
            self.ledger.happened(early.key, FaultName.FULL_ROW_SAVE)

    def drops(self, key: Key) -> bool:
        """Return whether a copy is never made."""
        return self._hits(FaultName.DROPPED_COPY, self.settings.dropped_share, key)

    def rolls_back(self, key: Key, method: str) -> bool:
        """Return whether a call writes its copy before its commit, and is then rolled back."""
        return method != CREATE and self._hits(FaultName.ROLLED_BACK_INSERT, self.settings.rolled_back_share, key)

    def lateness_s(self, key: Key, method: str) -> float:
        """Return how much longer a copy waits than the model of the queue says."""
        if method == CREATE or not self._hits(FaultName.LATE_COPY, 1.0, key):
            return 0.0
        return self.settings.late_s

    def plan(self, entity: Entity, version: int, method: str) -> CopyPlan:
        """Return what a copy writes."""
        if FaultName.LOSSY_MAPPING in self.faults:
            entity = narrowed(entity)
        if FaultName.VERSIONLESS_DELETE in self.faults and method == SUBMIT:
            return deleted_without_version(entity, version)
        if FaultName.BLOCK_DEDUPLICATION in self.faults:
            return self._replaced.plan(entity, version)
        plan = CopyPlan.of(entity, version)
        if self._hits(FaultName.SPLIT_INSERT_CRASH, self.settings.split_share, entity.key):
            return CopyPlan(plan.headers, ())
        return plan

    def tell_headers(self, key: Key, insert: tuple[HeaderVersion, ...]) -> None:
        """Take in the headers that are handed over to ClickHouse in one insert."""
        for one in insert:
            self.ledger.told_header(key, one.version, None if one.deleted else one.header)

    def tell_scores(self, key: Key, insert: tuple[ScoresVersion, ...]) -> None:
        """Take in the scores that are handed over to ClickHouse in one insert."""
        if FaultName.BLOCK_DEDUPLICATION in self.faults and self._replaced.is_repeated(key, insert):
            return
        for one in insert:
            self.ledger.told_scores(key, one.version, () if one.deleted else one.scores)

    def _hits(self, fault: FaultName, share: float, key: Key) -> bool:
        """Return whether a fault that is on hits the next copy or call, drawn by its number; who is hit is noted."""
        if fault not in self.faults:
            return False
        text = f"{self._seed}:{fault}:{self._asked[fault]}"
        self._asked[fault] += 1
        hit = share == 1 or uniform(hashlib.blake2b(text.encode(), digest_size=8).digest()) < share
        if hit:
            self.ledger.happened(key, fault)
        return hit
