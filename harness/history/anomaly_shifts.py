"""Classes of anomaly that appeared, vanished, or became more or fewer from one run to another."""

from collections.abc import Sequence
from typing import Literal

from harness.history.document import AnomalyShift
from harness.history.shared import SharedDelay
from harness.stats.comparison import weighted_holm
from harness.stats.exact import p_worse


def anomaly_shifts(delays: Sequence[SharedDelay], alpha: float) -> list[AnomalyShift]:
    """Return every class that either run had, the one with the clearest rise first; corrected over all classes."""
    names = sorted({name for delay in delays for point in (delay.base, delay.run) for name in point.anomalies})
    counts = [[delay.anomaly(name) for delay in delays] for name in names]
    tested = weighted_holm([p_worse(pairs) for pairs in counts], [1.0] * len(names), alpha)
    found = []
    for name, pairs, test in zip(names, counts, tested, strict=True):
        before, after = sum(pair.base_failures for pair in pairs), sum(pair.run_failures for pair in pairs)
        found.append(
            AnomalyShift(
                anomaly_class=name,
                base_count=before,
                run_count=after,
                change=_change(before, after),
                corrected_p_value=test.corrected_p_value,
                shown=test.shown,
            )
        )
    return sorted(found, key=lambda shift: (shift.corrected_p_value, -shift.run_count, shift.anomaly_class))


def _change(before: int, after: int) -> Literal["appeared", "vanished", "more", "fewer", "same"]:
    if before == after:
        return "same"
    if not before or not after:
        return "vanished" if before else "appeared"
    return "more" if after > before else "fewer"
