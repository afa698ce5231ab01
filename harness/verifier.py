"""Watches every fired iteration until its verdict falls: looks at all that are due in one batch, and lets `check` decide."""

from collections.abc import Awaitable, Callable, Collection, Sequence, Set
from typing import Protocol

from harness.check.conclusion import Conclusion
from harness.check.convergence import divergences
from harness.check.serial import postgres_anomalies
from harness.check.verdict import Findings, VerdictRules, Watch, refusal
from harness.clock import Clock
from harness.errors import StoreError
from harness.model import Content, Fired, Snapshot, Verdict

Settled = Callable[[Collection[str]], Awaitable[Set[str]]]


class Readers(Protocol):
    """Both stores."""

    async def read(self, scorecards: Sequence[str]) -> list[Snapshot]:
        """Return a snapshot of each scorecard, in their order. Raises StoreError."""
        ...


class Verifier:
    """The iterations between their last answer and their verdict.

    `content` gives what an iteration's calls wrote; `settled` asks the target which scorecards owe no copy any more, None
    where it cannot tell; `conclude` takes the conclusions of each batch.
    """

    def __init__(
        self,
        readers: Readers,
        settled: Settled | None,
        clock: Clock,
        rules: VerdictRules,
        content: Callable[[int], Content],
        ignored: Set[str],
        conclude: Callable[[list[Conclusion]], Awaitable[None]],
    ) -> None:
        self._readers = readers
        self._settled = settled
        self._clock = clock
        self._rules = rules
        self._content = content
        self._ignored = ignored
        self._conclude = conclude
        self._watches: dict[int, Watch] = {}
        self._unfired: list[Conclusion] = []
        self._closed = False

    def add(self, fired: Fired) -> None:
        """Take in an iteration whose calls were all answered."""
        if fired.pair is None:
            self._unfired.append(Conclusion(fired, Verdict.ERROR, refusal(fired), (), False, (), None))
        else:
            self._watches[fired.iteration] = Watch(fired, self._rules)

    def close(self) -> None:
        """Say that no more iterations will be added."""
        self._closed = True

    async def run(self) -> None:
        """Look and conclude until everything that was added has its verdict and `close` was called."""
        while self._watches or self._unfired or not self._closed:
            unfired, self._unfired = self._unfired, []
            conclusions = unfired + await self._look_at_due()
            if conclusions:
                await self._conclude(conclusions)
            await self._clock.sleep_until(self._clock.now_ns() + self._rules.poll_ns // 2)

    async def _look_at_due(self) -> list[Conclusion]:
        now_ns = self._clock.now_ns()
        due = {w.fired.scorecard: w for w in self._watches.values() if w.next_look_ns <= now_ns}
        if not due:
            return []
        # Asked before the stores are read: what is settled by then cannot change what they hold.
        settled = frozenset[str]() if self._settled is None else await self._settled(due.keys())
        try:
            snapshots = await self._readers.read(list(due))
        except StoreError as error:
            return self._unread(due.values(), error)
        looks = (self._look(due[s.scorecard], s, settled=s.scorecard in settled) for s in snapshots)
        return [conclusion for conclusion in looks if conclusion is not None]

    def _look(self, watch: Watch, snapshot: Snapshot, *, settled: bool) -> Conclusion | None:
        fired = watch.fired
        findings = Findings(
            postgres_anomalies(snapshot.postgres, self._content(fired.iteration), fired.calls[1:]),
            divergences(snapshot.postgres, snapshot.clickhouse, self._ignored),
        )
        verdict = watch.look(snapshot, findings, settled=settled)
        if verdict is None:
            return None
        del self._watches[fired.iteration]
        reason = refusal(fired) if verdict is Verdict.ERROR else None
        # A late copy has healed by now: what it had looked like before is the evidence.
        clickhouse = watch.last_divergences if verdict is Verdict.LATE else findings.clickhouse
        anomalies = findings.postgres + clickhouse
        versions = tuple(sorted(watch.raw_headers, key=lambda row: row.version))
        return Conclusion(fired, verdict, reason, anomalies, bool(clickhouse), versions, watch.convergence_ns)

    def _unread(self, watches: Collection[Watch], error: StoreError) -> list[Conclusion]:
        """Conclude those for which it is too late to try again; the others stay."""
        now_ns = self._clock.now_ns()
        given_up = [watch for watch in watches if watch.unread(now_ns)]
        for watch in given_up:
            del self._watches[watch.fired.iteration]
        return [Conclusion(w.fired, Verdict.ERROR, str(error), (), False, (), None) for w in given_up]
