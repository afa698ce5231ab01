"""What was decided about one iteration, with the evidence."""

from dataclasses import dataclass

from harness.check.anomalies import Anomaly
from harness.model import Fired, Header, Verdict, Versioned


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One iteration's verdict with its evidence. `raw_headers` are the versions in ClickHouse that any look saw, in order."""

    fired: Fired
    verdict: Verdict
    reason: str | None
    anomalies: tuple[Anomaly, ...]
    clickhouse_failed: bool
    raw_headers: tuple[Versioned[Header], ...]
    convergence_ns: int | None
    last_bad_after_ns: int | None = None
    """The ends of the interval (last bad look, first good look] in which the stores came to agree, from the last answer."""
