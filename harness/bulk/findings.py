"""What a comparison has found so far, in bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from harness.bulk.ranges import Key, storable
from harness.bulk.request import BulkTable, Difference
from harness.bulk.signatures import Signature
from harness.observe.names import ScorecardName


@dataclass(frozen=True, slots=True)
class Suspect:
    """A scorecard whose signatures differed in one table.

    `postgres` is PostgreSQL's signature then, None where it was found in an earlier run. `seen_ns` is when it was found.
    """

    table: BulkTable
    key: Key
    postgres: Signature | None
    seen_ns: int


@dataclass(slots=True)
class Tally:
    """The first scorecards of a kind, and the number of all."""

    keep: int
    count: int = 0
    kept: list[Key] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of those kept."""
        return tuple(str(ScorecardName(*key)) for key in self.kept)

    def add(self, key: Key) -> None:
        """Count a scorecard, and keep it where there is room."""
        self.count += 1
        if len(self.kept) < self.keep:
            self.kept.append(key)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a comparison keeps of its findings as mere numbers."""

    differences: int = 0
    unsettled: int = 0
    representation: int = 0


@dataclass(slots=True)
class Findings:
    """Confirmed differences and what is neither equal nor different. `keep` bounds every list."""

    keep: int
    max_differences: int | None
    representation: Tally = field(init=False)
    unsettled: Tally = field(init=False)
    _kept: dict[Key, Difference] = field(default_factory=dict)
    _uncounted: int = 0

    def __post_init__(self) -> None:
        self.representation, self.unsettled = Tally(self.keep), Tally(self.keep)

    @property
    def count(self) -> int:
        """How many scorecards differ; beyond those kept, one that differs in both tables counts twice."""
        return len(self._kept) + self._uncounted

    @property
    def full(self) -> bool:
        """Whether as many differences were found as were asked for."""
        return self.max_differences is not None and self.count >= self.max_differences

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Those kept, by name."""
        return tuple(sorted(self._kept.values(), key=lambda difference: difference.snapshot.scorecard))

    def add(self, key: Key, difference: Difference) -> None:
        """Take in a confirmed difference; a scorecard that is known already is not counted again."""
        if key in self._kept or len(self._kept) < self.keep:
            self._kept[key] = difference
        else:
            self._uncounted += 1

    def add_earlier(self, counts: Counts) -> None:
        """Take in what an earlier run had counted."""
        self._uncounted += counts.differences
        self.unsettled.count += counts.unsettled
        self.representation.count += counts.representation

    def counts(self) -> Counts:
        """Return what is counted and cannot be looked at again, since its key is not kept or not to be written down."""
        unwritable = sum(not storable(key) for key in self._kept)
        unsettled = self.unsettled.count - len(self.unsettled.kept)
        return Counts(self._uncounted + unwritable, unsettled, self.representation.count)

    def open(self) -> Iterator[Key]:
        """Yield the scorecards that another run can look at again."""
        yield from (key for key in self._kept if storable(key))
        yield from self.unsettled.kept
