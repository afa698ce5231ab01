"""The look that decides: some scorecards in full from both stores, judged by the rules of single scorecards."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.bulk.ranges import Key
from harness.bulk.request import BulkTable, Difference
from harness.check.anomalies import Anomaly, AnomalyClass, Role
from harness.check.fields import FieldRules
from harness.check.judgement import judged_all
from harness.model import ClickHouseRows, Snapshot
from harness.observe.batch import StoreReaders
from harness.observe.names import ScorecardName


@dataclass(frozen=True, slots=True)
class FullLook:
    """Readers of whole scorecards, with the rules by which they are compared."""

    readers: StoreReaders
    rules: FieldRules

    async def at(self, keys: Sequence[Key]) -> dict[Key, Difference]:
        """Return what both stores hold of each scorecard and what differs, PostgreSQL read first. Raises StoreError."""
        snapshots = await self.readers.read_names([ScorecardName(*key) for key in keys])
        return dict(zip(keys, map(Difference, snapshots, judged_all(snapshots, self.rules)), strict=True))

    def unstorable(self, key: Key) -> Difference:
        """Return the difference of a key that PostgreSQL cannot hold, such as one that is no UTF-8."""
        now_ns = self.readers.clock.now_ns()
        explanation = "ClickHouse shows a scorecard whose key is no text that PostgreSQL can hold"
        anomaly = Anomaly(AnomalyClass.ORPHAN_ROW, "scorecard", None, ascii(key), explanation)
        return Difference(Snapshot(str(ScorecardName(*key)), now_ns, now_ns, None, ClickHouseRows()), (anomaly,))


def concerns(difference: Difference, table: BulkTable) -> bool:
    """Return whether anything that differs lies in the given table; the other table's differences are its own comparison's to find."""
    symptoms = [anomaly for anomaly in difference.anomalies if anomaly.role is Role.SYMPTOM]
    in_scores = [anomaly.field.startswith("scores[") for anomaly in symptoms]
    if table is BulkTable.HEADERS:
        return not all(in_scores)
    return any(in_scores) or any(a.anomaly_class is AnomalyClass.ORPHAN_ROW for a in symptoms)
