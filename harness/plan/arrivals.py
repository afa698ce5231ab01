"""When iterations arrive: pure functions from a rate to offsets."""

from harness.units import NS_PER_S


def constant_arrivals(count: int, rate_per_s: float) -> tuple[int, ...]:
    """Return `count` offsets in ns from the start of the run, evenly spaced at `rate_per_s`; the first is 0.

    Each offset is computed from its own index, so that no rounding error adds up over a long run.
    """
    return tuple(round(index * NS_PER_S / rate_per_s) for index in range(count))
