"""What was decided about one iteration, with the evidence."""

from dataclasses import dataclass

from harness.check.anomalies import Anomaly
from harness.model import Fired, Snapshot, Verdict


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One iteration's verdict with its evidence. `snapshot` is the deciding look, None where no look was possible."""

    fired: Fired
    verdict: Verdict
    reason: str | None
    anomalies: tuple[Anomaly, ...]
    clickhouse_failed: bool
    snapshot: Snapshot | None
    convergence_ns: int | None
