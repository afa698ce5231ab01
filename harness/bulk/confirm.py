"""From suspects to differences: a second look at each after the settle time, so that a table may be written to while it is compared.

A suspect is confirmed when the look finds a difference in its table although PostgreSQL's rows are those of the look before, a settle time
earlier: ClickHouse has had that long to follow. Where PostgreSQL has changed in between, there is another look; a scorecard that changes
between all of them is `unsettled`. A scorecard that is known to differ is looked at again only where that may show more of it.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from harness.bulk.findings import Findings, Suspect
from harness.bulk.look import FullLook, concerns
from harness.bulk.pair import TablePair, both
from harness.bulk.ranges import Key, storable
from harness.bulk.request import BulkTable
from harness.bulk.signatures import NOTHING, Signature
from harness.clock import Clock

BATCH = 1000
LOOKS = 5


class Confirmer:
    """Holds suspects until they can be judged; no more than a few batches of them, since `add` waits."""

    def __init__(
        self, pairs: Mapping[BulkTable, TablePair], look: FullLook, findings: Findings, clock: Clock, settle_ns: int
    ) -> None:
        self._pairs = pairs
        self._look = look
        self._findings = findings
        self._clock = clock
        self._settle_ns = settle_ns
        self._one_at_a_time = asyncio.Lock()
        self._pending: dict[tuple[BulkTable, Key], Suspect] = {}
        self.after_batch: Callable[[], None] = lambda: None
        """Called whenever a batch was judged."""

    @property
    def pending(self) -> Iterable[Suspect]:
        """Those not judged yet."""
        return self._pending.values()

    async def add(self, suspects: Iterable[Suspect]) -> None:
        """Take in suspects, each once; judges a batch where there are enough. Raises StoreError."""
        for suspect in suspects:
            if not storable(suspect.key):
                self._findings.add(suspect.key, self._look.unstorable(suspect.key))
            elif not self._tells_nothing(suspect):
                self._pending.setdefault((suspect.table, suspect.key), suspect)
        async with self._one_at_a_time:
            while len(self._pending) >= self._batch_size() and not self._findings.full:
                await self._judge_batch()

    async def finish(self) -> None:
        """Judge what is left, unless enough was found. Raises StoreError."""
        async with self._one_at_a_time:
            while self._pending and not self._findings.full:
                await self._judge_batch()

    def _tells_nothing(self, suspect: Suspect) -> bool:
        """Return whether another look adds nothing: the scorecard is counted and not kept, or what is kept differs in this table."""
        different = self._findings.different
        kept = different.kept.get(suspect.key)
        return concerns(kept, suspect.table) if kept is not None else suspect.key in different.beyond

    def _batch_size(self) -> int:
        """No larger than what is left to find, so that the comparison stops there."""
        most = self._findings.max_differences
        return BATCH if most is None else min(BATCH, max(1, most - self._findings.count))

    async def _judge_batch(self) -> None:
        # They stay pending until they are judged, so that an interrupted comparison does not forget them.
        batch = dict(islice(self._pending.items(), self._batch_size()))
        left: Sequence[Suspect] = [suspect for suspect in batch.values() if not self._tells_nothing(suspect)]
        for _ in range(LOOKS):
            if not left:
                break
            await self._clock.sleep_until(max(suspect.seen_ns for suspect in left) + self._settle_ns)
            left = await self._judge(left)
        for suspect in left:
            self._findings.add_unsettled(suspect.key)
        for place in batch:
            del self._pending[place]
        self.after_batch()

    async def _judge(self, suspects: Sequence[Suspect]) -> list[Suspect]:
        """Judge the suspects; return those that must be looked at again."""
        looks = await self._look.at(list({suspect.key: None for suspect in suspects}))
        seen_ns = self._clock.now_ns()
        # Read after the look: what is unchanged by now was unchanged during it.
        now = await self._postgres_signatures(suspects)
        again, healed = [], []
        for suspect in suspects:
            signature = now[suspect.table].get(suspect.key, NOTHING)
            if not concerns(looks[suspect.key], suspect.table):
                healed.append(replace(suspect, postgres=signature))
            elif signature == suspect.postgres:
                self._findings.add(suspect.key, looks[suspect.key])
            else:
                again.append(replace(suspect, postgres=signature, seen_ns=seen_ns))
        await self._note_representation(healed)
        return again

    async def _note_representation(self, healed: Sequence[Suspect]) -> None:
        """Note the scorecards whose bytes still differ although no rule finds a difference."""
        for table, keys in _by_table(healed).items():
            pair = self._pairs[table]
            postgres, clickhouse = await both(pair.postgres.signatures_of(keys), pair.clickhouse.signatures_of(keys))
            for suspect in healed:
                if suspect.table is not table:
                    continue
                here = postgres.get(suspect.key, NOTHING)
                if here == suspect.postgres and here != clickhouse.get(suspect.key, NOTHING):
                    self._findings.add_representation(suspect.key)

    async def _postgres_signatures(self, suspects: Sequence[Suspect]) -> dict[BulkTable, dict[Key, Signature]]:
        return {
            table: await self._pairs[table].postgres.signatures_of(keys) for table, keys in _by_table(suspects).items()
        }


def _by_table(suspects: Sequence[Suspect]) -> dict[BulkTable, list[Key]]:
    keys: dict[BulkTable, list[Key]] = {}
    for suspect in suspects:
        keys.setdefault(suspect.table, []).append(suspect.key)
    return keys
