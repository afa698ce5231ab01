"""In which orders can the steps of one Update and one Submit be done? Pure.

Definitions. A *turn* is one step of one call or of its copy. Within a call the steps follow one another in the order of
`harness.service.steps.Step`; between the two calls nothing orders them. So the turns are partially ordered, in two chains, and an
*interleaving* is a linear extension of that order: a sequence of all turns in which each comes after those that it needs.

Which steps there are is the behaviour's. The commit is always one, from taking the row's lock to the end of the transaction: while one
transaction holds the lock the other cannot get past its own, so that no order lies between. The write is one as well, though header and
scores go to two tables side by side: their version is taken before both, and in which order rows of different versions are inserted is
nothing to ReplacingMergeTree. The load counts where it is made before the transaction; the begin where it sets a time; the read where the
copy reads again; the audit rows where their number is the version. Audit rows that follow the commit do not count: neither the scorecard's
row nor its copy is made from them.

Count. Of the 2n places of an interleaving of two chains of n steps, Update's take n; what stands in them, and in the others, is then
given. So there are C(2n, n) = (2n)! / (n! n!) of them:

| behaviour        | steps of each call       | n | interleavings                                              |
| ---------------- | ------------------------ | - | ---------------------------------------------------------- |
| `cure`           | commit write             | 2 | C(4, 2) = (4 x 3) / (2 x 1) = 6                            |
| `as_found`       | load commit write        | 3 | C(6, 3) = (6 x 5 x 4) / (3 x 2 x 1) = 20                   |
| `fix1`           | load commit write        | 3 | 20                                                         |
| `fix2`           | load commit read write   | 4 | C(8, 4) = (8 x 7 x 6 x 5) / (4 x 3 x 2 x 1) = 70           |
| `fix3`           | load commit read write   | 4 | 70                                                         |

Exchanging the calls' names maps the interleavings that begin with Update's first step to those that begin with Submit's, one to one: there
are C(2n, n) / 2 of each.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from math import comb
from typing import TypeVar

from harness.model import Method, Order
from harness.service.behaviours import Behaviour, History, Load, Payload, Timestamps
from harness.service.steps import Step

T = TypeVar("T")

PAIR = (Method.UPDATE, Method.SUBMIT)
LETTERS = {Method.UPDATE: "U", Method.SUBMIT: "S"}
FIRST = {Order.UPDATE_FIRST: Method.UPDATE, Order.SUBMIT_FIRST: Method.SUBMIT}


@dataclass(frozen=True, slots=True)
class Turn:
    """One step of one of the two calls."""

    method: Method
    step: Step

    def __str__(self) -> str:
        return f"{self.method}'s {self.step}"


Schedule = tuple[Turn, ...]


def steps_of(behaviour: Behaviour) -> tuple[Step, ...]:
    """Return the steps of a call whose place among the other's can change what the stores hold in the end, in their order."""
    counts = {
        Step.LOAD: behaviour.load is not Load.LOCKED,
        Step.BEGIN: behaviour.timestamps is Timestamps.TRANSACTION_START,
        Step.COMMIT: True,
        Step.READ: behaviour.payload is Payload.REREAD,
        Step.HISTORY: behaviour.history is History.WITH_COPY,
        Step.WRITE: True,
    }
    return tuple(step for step in Step if counts[step])


def interleavings(steps: Sequence[Step], order: Order | None = None) -> tuple[Schedule, ...]:
    """Return every interleaving of two calls of these steps, or those alone that begin with the call that `order` has first."""
    first = None if order is None else FIRST[order]
    return tuple(s for s in linear_extensions(needs(steps)) if first is None or s[0].method is first)


def count(steps: Sequence[Step], order: Order | None = None) -> int:
    """Return how many interleavings there are, by the formula."""
    return comb(2 * len(steps), len(steps)) // (1 if order is None else 2)


def needs(steps: Sequence[Step]) -> dict[Turn, frozenset[Turn]]:
    """Return the partial order: for each turn those that must have been before it. Update's come first."""
    return {
        Turn(method, step): frozenset(Turn(method, earlier) for earlier in steps[:place])
        for method in PAIR
        for place, step in enumerate(steps)
    }


def linear_extensions(needed: Mapping[T, Set[T]]) -> Iterator[tuple[T, ...]]:
    """Yield every sequence of all the keys in which each comes after those that it needs; in the keys' own lexicographic order."""
    if not needed:
        yield ()
    for one, before in needed.items():
        if before.isdisjoint(needed):
            rest = {other: theirs for other, theirs in needed.items() if other != one}
            for tail in linear_extensions(rest):
                yield (one, *tail)


def switches(schedule: Schedule) -> int:
    """Return how often the turn passes from one call to the other."""
    return sum(one.method is not other.method for one, other in pairwise(schedule))


def compact(schedule: Schedule) -> str:
    """Return a schedule on one line: each turn as the call's and the step's first letters, as in `UL UC SL SC`."""
    return " ".join(LETTERS[turn.method] + turn.step[0].upper() for turn in schedule)
