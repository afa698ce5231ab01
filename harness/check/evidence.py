"""What several looks at one scorecard in ClickHouse saw, put together. Pure."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from harness.model import ClickHouseRows, Header, Score, Versioned

R = TypeVar("R", Header, Score)


def joined(looks: Sequence[ClickHouseRows]) -> ClickHouseRows:
    """Return the last look, its RAW completed by the versions that only earlier looks saw, which have no part any more."""
    if not looks:
        return ClickHouseRows()
    *earlier, last = looks
    if not earlier:
        return last
    return last._replace(
        raw_headers=_joined(last.raw_headers, (look.raw_headers for look in earlier)),
        raw_scores=_joined(last.raw_scores, (look.raw_scores for look in earlier)),
    )


def _joined(last: Sequence[Versioned[R]], earlier: Iterable[Sequence[Versioned[R]]]) -> tuple[Versioned[R], ...]:
    # By version first: comparing whole rows with each other would take longer than all else that is done for a verdict.
    seen: dict[int, list[Versioned[R]]] = {}
    for row in last:
        seen.setdefault(row.version, []).append(row)
    gone: list[Versioned[R]] = []
    for look in earlier:
        for row in look:
            if row not in seen.setdefault(row.version, []):
                seen[row.version].append(row)
                gone.append(row._replace(part=""))
    # Sorting keeps the order of equal ones: what is gone was inserted first.
    gone.extend(last)
    return tuple(sorted(gone, key=lambda row: row.version))
