"""The binomial distribution in logarithms: exact tails for long samples and small rates, without the second that importing scipy takes."""

import math


def binomial_pmf(successes: int, trials: int, rate: float) -> float:
    """Return the probability of exactly so many successes."""
    if not 0 <= successes <= trials:
        return 0.0
    if rate in (0.0, 1.0):
        return float(successes == rate * trials)
    ways = math.lgamma(trials + 1) - math.lgamma(successes + 1) - math.lgamma(trials - successes + 1)
    return math.exp(ways + successes * math.log(rate) + (trials - successes) * math.log1p(-rate))


def at_most(successes: int, trials: int, rate: float) -> float:
    """Return the probability of so many successes or fewer."""
    if successes >= trials:
        return 1.0
    return math.fsum(binomial_pmf(count, trials, rate) for count in range(successes + 1))


def at_least(successes: int, trials: int, rate: float) -> float:
    """Return the probability of so many successes or more."""
    if successes <= trials * rate:
        return 1.0 - at_most(successes - 1, trials, rate)
    # Summed from this side, where it is small, so that no digits are lost; beyond the mean each term is smaller than the one before.
    total, count = 0.0, successes
    while count <= trials and (term := binomial_pmf(count, trials, rate)) > total * 1e-17:
        total += term
        count += 1
    return total
