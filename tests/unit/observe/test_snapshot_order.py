"""In which order a snapshot is taken: the instants enclose both reads, PostgreSQL's before ClickHouse's."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast

from harness.model import ClickHouseRows
from harness.observe.batch import StoreReaders
from harness.observe.names import ScorecardName


class Steps:
    """A clock that counts what was done, and both readers, which tell at which step they were asked."""

    def __init__(self) -> None:
        self.count = 0
        self.read_at: dict[str, int] = {}

    def now_ns(self) -> int:
        self.count += 1
        return self.count

    def utc(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    async def sleep_until(self, instant_ns: int) -> None:
        self.count = max(self.count, instant_ns)

    async def sleep_until_exactly(self, instant_ns: int) -> None:
        self.count = max(self.count, instant_ns)

    def reader(self, store: str, found: Any) -> Any:
        steps = self

        class Reader:
            async def read_in_order(self, names: Sequence[ScorecardName], passing: object = None) -> Any:
                steps.read_at[store] = steps.now_ns()
                return [found for _ in names]

        return cast(Any, Reader())


async def test_the_instants_enclose_both_reads() -> None:
    steps = Steps()
    readers = StoreReaders(steps.reader("postgres", None), steps.reader("clickhouse", ClickHouseRows()), steps)
    (snapshot,) = await readers.read(["customers/c/profiles/p/scorecards/s"])
    assert (snapshot.read_started_ns, snapshot.read_finished_ns) == (1, 4)
    assert steps.read_at == {"postgres": 2, "clickhouse": 3}
    assert (snapshot.postgres, snapshot.clickhouse) == (None, ClickHouseRows())
