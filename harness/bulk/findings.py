"""What a comparison has found so far, in bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from harness.bulk.key_set import KeySet
from harness.bulk.ranges import Key
from harness.bulk.request import BulkTable, Difference
from harness.bulk.signatures import Signature
from harness.observe.names import ScorecardName

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Suspect:
    """A scorecard whose signatures differed in one table.

    `postgres` is PostgreSQL's signature then, None where it is not known. `seen_ns` is when it was found, or taken up from an earlier run.
    """

    table: BulkTable
    key: Key
    postgres: Signature | None
    seen_ns: int


@dataclass(slots=True)
class Tally(Generic[Kept]):
    """The scorecards of a kind: the first `keep` of them, and which others there are."""

    keep: int
    kept: dict[Key, Kept] = field(default_factory=dict)
    beyond: KeySet = field(default_factory=KeySet)

    @property
    def count(self) -> int:
        """How many scorecards there are, each counted once."""
        return len(self.kept) + len(self.beyond)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of those kept."""
        return tuple(str(ScorecardName(*key)) for key in self.kept)

    def __contains__(self, key: Key) -> bool:
        return key in self.kept or key in self.beyond

    def add(self, key: Key, value: Kept) -> None:
        """Count a scorecard that is not known yet, and keep it where there is room."""
        if key in self.kept or (len(self.kept) < self.keep and key not in self.beyond):
            self.kept[key] = value
        else:
            self.beyond.add(key)

    def discard(self, key: Key) -> None:
        """Forget a scorecard, if it is there."""
        if self.kept.pop(key, self) is self:
            self.beyond.discard(key)


@dataclass(slots=True)
class Findings:
    """Confirmed differences and what is neither equal nor different. `keep` bounds how many of each are kept.

    A scorecard is counted once: as different, else as unsettled, else as of another representation, whichever table shows it.
    """

    keep: int
    max_differences: int | None
    different: Tally[Difference] = field(init=False)
    unsettled: Tally[None] = field(init=False)
    representation: Tally[None] = field(init=False)

    def __post_init__(self) -> None:
        self.different, self.unsettled, self.representation = Tally(self.keep), Tally(self.keep), Tally(self.keep)

    @property
    def count(self) -> int:
        """How many scorecards differ."""
        return self.different.count

    @property
    def full(self) -> bool:
        """Whether as many differences were found as were asked for."""
        return self.max_differences is not None and self.count >= self.max_differences

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Those kept, by name."""
        return tuple(sorted(self.different.kept.values(), key=lambda difference: difference.snapshot.scorecard))

    def add(self, key: Key, difference: Difference) -> None:
        """Take in a confirmed difference."""
        self.different.add(key, difference)
        self.unsettled.discard(key)
        self.representation.discard(key)

    def add_unsettled(self, key: Key) -> None:
        """Take in a scorecard that changed between all looks."""
        if key not in self.different:
            self.unsettled.add(key, None)
            self.representation.discard(key)

    def add_representation(self, key: Key) -> None:
        """Take in a scorecard whose bytes differ and whose values are equal."""
        if key not in self.different and key not in self.unsettled:
            self.representation.add(key, None)

    def open(self) -> Iterator[Key]:
        """Yield the scorecards that another run must look at again: for the evidence, or since nothing was learned."""
        yield from self.different.kept
        yield from self.unsettled.kept

    def beyond(self) -> dict[str, KeySet]:
        """Return, by the name of each tally, the scorecards that were counted and are not kept."""
        return {name: getattr(self, name).beyond for name in ("different", "unsettled", "representation")}
