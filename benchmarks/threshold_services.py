"""Simulated services: how their failure rate falls with the api-delay, and where it falls below the limit."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LIMITS = (0.01, 0.02, 0.05, 0.1)
LARGEST_MS = 1000.0


@dataclass(frozen=True, slots=True)
class Service:
    """`rate` gives the failure rates of delays in ms; it never rises. `limit` is what is asked for."""

    shape: str
    limit: float
    rate: Callable[[Floats], Floats]

    @property
    def threshold_ms(self) -> float | None:
        """The smallest delay whose rate is below the limit, to 1e-6 ms; None where there is none up to the largest that is tried."""

        def safe(delay_ms: float) -> bool:
            return bool(self.rate(np.array([delay_ms]))[0] < self.limit)

        if safe(0.0):
            return 0.0
        if not safe(LARGEST_MS):
            return None
        low, high = 0.0, LARGEST_MS
        while high - low > 1e-6:
            middle = (low + high) / 2
            low, high = (low, middle) if safe(middle) else (middle, high)
        return high


def draw(shape: str, rng: np.random.Generator) -> Service:
    """Draw a service of a shape."""
    limit = float(rng.choice(LIMITS))
    top = float(rng.uniform(max(0.1, 1.5 * limit), 0.6))
    return Service(shape, limit, SHAPES[shape](rng, top, limit))


def _logistic(rng: np.random.Generator, top: float, limit: float) -> Callable[[Floats], Floats]:
    middle_ms, slope = float(np.exp(rng.uniform(np.log(3), np.log(200)))), rng.uniform(2, 8)
    return lambda ms: top / (1 + (ms / middle_ms) ** slope)


def _cliff(rng: np.random.Generator, top: float, limit: float) -> Callable[[Floats], Floats]:
    cliff_ms, rest = float(np.exp(rng.uniform(np.log(2), np.log(900)))), limit * rng.uniform(0, 0.5)
    return lambda ms: np.where(ms < cliff_ms, top, rest)


def _steps(rng: np.random.Generator, top: float, limit: float) -> Callable[[Floats], Floats]:
    at_ms = np.sort(np.exp(rng.uniform(np.log(2), np.log(900), 3)))
    levels = np.array([top, max(top / 2, 1.3 * limit), limit * rng.uniform(0.3, 0.7), limit * 0.1])
    return lambda ms: levels[np.searchsorted(at_ms, ms, side="right")]


def _exponential(rng: np.random.Generator, top: float, limit: float) -> Callable[[Floats], Floats]:
    scale_ms = rng.uniform(5, 150)
    return lambda ms: top * np.exp(-ms / scale_ms)


def _power(rng: np.random.Generator, top: float, limit: float) -> Callable[[Floats], Floats]:
    scale_ms, slope = rng.uniform(3, 60), rng.uniform(1, 3)
    return lambda ms: top * (1 + ms / scale_ms) ** -slope


def _plateau(rng: np.random.Generator, top: float, limit: float) -> Callable[[Floats], Floats]:
    edge_ms, scale_ms = rng.uniform(5, 100), rng.uniform(3, 40)
    return lambda ms: top * np.exp(-np.maximum(ms - edge_ms, 0) / scale_ms)


def _always_safe(rng: np.random.Generator, top: float, limit: float) -> Callable[[Floats], Floats]:
    start, scale_ms = limit * rng.uniform(0, 0.8), rng.uniform(5, 100)
    return lambda ms: start * np.exp(-ms / scale_ms)


def _never_safe(rng: np.random.Generator, top: float, limit: float) -> Callable[[Floats], Floats]:
    rest, scale_ms = limit * rng.uniform(1.25, 3), rng.uniform(5, 100)
    return lambda ms: rest + (max(top, rest) - rest) * np.exp(-ms / scale_ms)


SHAPES: dict[str, Callable[[np.random.Generator, float, float], Callable[[Floats], Floats]]] = {
    "logistic": _logistic,
    "cliff": _cliff,
    "steps": _steps,
    "exponential": _exponential,
    "power": _power,
    "plateau": _plateau,
    "always safe": _always_safe,
    "never safe": _never_safe,
}
