"""The delays that a search can try."""

import math

RELATIVE_TOLERANCE = 0.1


def tolerance_ms(delay_ms: float, resolution_ms: float) -> float:
    """Return how exactly a threshold near a delay is to be known: the resolution, or 10 % of the delay where that is more."""
    return max(resolution_ms, RELATIVE_TOLERANCE * delay_ms)


def candidate_delays(min_ms: float, max_ms: float, resolution_ms: float) -> tuple[float, ...]:
    """Return the delays from `min_ms` to `max_ms`, each one tolerance above the one before at most. Ascending, both ends included.

    Two steps together are as wide as the tolerance in both directions. That is the finest that can always be had: the rate at one delay
    may be so near the limit that no number of iterations tells on which side it is, but then its two neighbours tell.
    """
    delays_ms = [min_ms]
    while (step_ms := tolerance_ms(delays_ms[-1], resolution_ms)) < max_ms - delays_ms[-1]:
        following = delays_ms[-1] + step_ms
        # Whole milliseconds read better, where there are enough of them.
        delays_ms.append(math.floor(following) if step_ms > resolution_ms >= 1 else round(following, 6))
    if max_ms > delays_ms[-1]:
        delays_ms.append(max_ms)
    return tuple(map(float, delays_ms))
