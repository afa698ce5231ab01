"""Which rows of ClickHouse belong to scorecards' names: pure functions from names to the condition of a query."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.observe.names import ScorecardName
from harness.observe.tabseparated import literals, tuples

MAX_NAMES = 1000
# Twice, for FINAL and RAW, it stays below the server's default max_query_size of 256 KiB, which a read-only user cannot raise.
MAX_KEYS_BYTES = 120_000
# Four times, where lists cannot be named: also for the journal, and for what the journal has beyond the table.
MAX_KEYS_BYTES_WITH_JOURNAL = 60_000
# An id as long as this was not counted: a UUID has 36 characters, or 32 without hyphens, an ULID 26, a Firestore id 20.
DRAWN_ID_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Condition:
    """Which rows belong to names, on key columns alone: FINAL may be applied after a condition on others.

    `exact` says it, or lets hardly any other row through; `narrow`, where there is one, is cheaper and lets some through, so that it is
    asked first. `profile` is the customer and the profile that all the names are of, None where they are of several. `given` are the lists
    that the clauses have by name, for the query's WITH, none where they stand in the clauses.
    """

    exact: str
    narrow: str | None = None
    profile: tuple[str, str] | None = None
    given: tuple[str, ...] = ()

    @property
    def of_merge_tree(self) -> str:
        """The clauses for a table that can read its key's columns before the others."""
        return f"WHERE {self.exact}" if self.narrow is None else f"PREWHERE {self.narrow} WHERE {self.exact}"

    @property
    def of_memory(self) -> str:
        """The clause for a table that cannot."""
        return f"WHERE {self.exact}" if self.narrow is None else f"WHERE {self.narrow} AND {self.exact}"

    @property
    def size_bytes(self) -> int:
        """How long it is in a query that has it once."""
        return len("".join((*self.given, self.of_merge_tree)).encode())


def with_given(*conditions: Condition) -> str:
    """Return the WITH clause of a query that has these conditions, empty where it needs none."""
    given = dict.fromkeys(part for condition in conditions for part in condition.given)
    return f"WITH {', '.join(given)} " if given else ""


def batches(
    key: tuple[str, str, str],
    names: Sequence[ScorecardName],
    max_bytes: int = MAX_KEYS_BYTES,
    given_as: str | None = None,
) -> Iterator[tuple[Sequence[ScorecardName], Condition]]:
    """Split names so that the condition for each part, in `max_bytes` at most, fits into one query; yield each part with its condition."""
    for start in range(0, len(names), MAX_NAMES):
        yield from _halved(key, names[start : start + MAX_NAMES], max_bytes, given_as)


def _halved(
    key: tuple[str, str, str], names: Sequence[ScorecardName], max_bytes: int, given_as: str | None
) -> Iterator[tuple[Sequence[ScorecardName], Condition]]:
    whole = condition(key, names, given_as)
    if len(names) == 1 or whole.size_bytes <= max_bytes:
        yield names, whole
        return
    middle = len(names) // 2
    yield from _halved(key, names[:middle], max_bytes, given_as)
    yield from _halved(key, names[middle:], max_bytes, given_as)


def condition(key: tuple[str, str, str], names: Sequence[ScorecardName], given_as: str | None = None) -> Condition:
    """Return the condition for the names; its lists go by names that begin with `given_as`, which the server must support.

    Names of one profile, the usual case, are told by their ids. So are others whose ids are long: such ids are drawn, as UUIDs are, and
    mean one scorecard each; should a row be let through that was not asked for, the reader leaves it out. Short ids may be counted in
    each profile: those names are compared whole, which takes the engine twice as long, mostly to parse them, so that their parts are
    asked for one by one before. A chain of ORs would take it up to minutes.
    """
    given: list[str] = []

    def among(what: str, values: str, count: int) -> str:
        # In brackets a single one is no list.
        if given_as is None or count == 1:
            return f"{what} IN ({values})"
        given.append(f"({values}) AS {given_as}{len(given)}_")
        return f"{what} IN {given_as}{len(given) - 1}_"

    customers, profiles, ids = (tuple(dict.fromkeys(values)) for values in zip(*names, strict=True))
    by_part = zip(key, (customers, profiles, ids), strict=True)
    parts = " AND ".join(among(f"`{column}`", literals(values), len(values)) for column, values in by_part)
    if len(customers) == len(profiles) == 1:
        return Condition(parts, None, (customers[0], profiles[0]), tuple(given))
    if min(map(len, ids)) >= DRAWN_ID_LENGTH:
        return Condition(parts, given=tuple(given))
    columns = ", ".join(f"`{column}`" for column in key)
    return Condition(among(f"({columns})", tuples(names), len(names)), parts, given=tuple(given))
