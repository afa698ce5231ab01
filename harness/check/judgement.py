"""The judgement of one look at a scorecard, without anything known of the calls that wrote it. Pure."""

from harness.check.anomalies import Anomaly
from harness.check.causes import causes
from harness.check.convergence import divergences
from harness.check.facts import Case
from harness.check.fields import FieldRules
from harness.model import Snapshot


def judged(snapshot: Snapshot, rules: FieldRules) -> tuple[Anomaly, ...]:
    """Return the cause where one is decided, notes, and every symptom. Raises StoreError for a value that is none of its type."""
    symptoms = divergences(snapshot.postgres, snapshot.clickhouse, rules)
    case = Case(snapshot.postgres, snapshot.clickhouse, rules, divergences=symptoms)
    return (*causes(case), *symptoms)
