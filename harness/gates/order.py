"""Verdicts in the order of the plan, whatever order they fall in."""

from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class PlanOrder(Generic[T]):
    """Hands on what was made of a point's iterations, each as soon as all those planned before it are known.

    A gate that is decided on the way must take its evidence like this. A failure is watched for longer than a success, up to the horizon;
    so the verdicts that fall first are mostly good ones, and a decision on them would let a bad service pass.
    """

    def __init__(self) -> None:
        self._waiting: dict[int, T] = {}
        self._next = 0

    def add(self, position: int, outcome: T) -> Iterator[T]:
        """Take in what was made of the iteration at a position, and yield what is next in order, if anything is."""
        self._waiting[position] = outcome
        while self._next in self._waiting:
            yield self._waiting.pop(self._next)
            self._next += 1
