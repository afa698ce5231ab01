"""The judgement of one look at a scorecard whose writes are all over. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.check.anomalies import Anomaly
from harness.check.causes import causes, may_tie
from harness.check.convergence import all_equal_at_sight, divergences, equal_at_sight
from harness.check.facts import Case, Written
from harness.check.fields import FieldRules
from harness.check.serial import postgres_anomalies
from harness.model import Snapshot


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is wrong with each store, nothing where it is right; and the causes and notes."""

    postgres: tuple[Anomaly, ...]
    clickhouse: tuple[Anomaly, ...]
    causes: tuple[Anomaly, ...]


# So few are not worth to be looked at together.
FEW = 8


def judged_all(snapshots: Sequence[Snapshot], rules: FieldRules) -> list[tuple[Anomaly, ...]]:
    """Return what `judged` says of each, in their order; where they do not all agree, of one half and of the other.

    Raises StoreError for a value that is none of its type.
    """
    if len(snapshots) <= FEW:
        return [judged(snapshot, rules) for snapshot in snapshots]
    if all_equal_at_sight(snapshots):
        return [judged(snapshot, rules) if may_tie(snapshot.clickhouse) else () for snapshot in snapshots]
    middle = len(snapshots) // 2
    return judged_all(snapshots[:middle], rules) + judged_all(snapshots[middle:], rules)


def judged(snapshot: Snapshot, rules: FieldRules) -> tuple[Anomaly, ...]:
    """Return the cause where one is decided, notes, and every symptom, where nothing is known of the calls.

    Raises StoreError for a value that is none of its type.
    """
    postgres, rows = snapshot.postgres, snapshot.clickhouse
    if postgres is not None and equal_at_sight(postgres, rows) and not may_tie(rows):
        return ()  # Nearly all there is, and nothing can be said of it.
    symptoms = divergences(postgres, rows, rules)
    case = Case(postgres, rows, rules, divergences=symptoms)
    return (*causes(case), *symptoms)


def judged_as_written(snapshot: Snapshot, rules: FieldRules, written: Written) -> Judgement:
    """Return what is wrong, where the calls are known. Raises StoreError for a value that is none of its type."""
    postgres = postgres_anomalies(snapshot.postgres, written.content, written.calls[1:], rules)
    clickhouse = divergences(snapshot.postgres, snapshot.clickhouse, rules)
    case = Case(snapshot.postgres, snapshot.clickhouse, rules, written, postgres, clickhouse)
    return Judgement(postgres, clickhouse, causes(case))
