"""Watches every fired iteration until its verdict falls: looks at all that are due in one batch, and lets `check` decide."""

from collections.abc import Awaitable, Callable, Collection, Sequence, Set
from typing import Protocol

from harness.check.anomalies import Anomaly
from harness.check.causes import causes
from harness.check.conclusion import Conclusion
from harness.check.convergence import divergences
from harness.check.facts import Case, Written
from harness.check.fields import FieldRules
from harness.check.serial import postgres_anomalies
from harness.check.verdict import Findings, VerdictRules, Watch, refusal
from harness.clock import Clock
from harness.errors import StoreError
from harness.model import Content, Fired, Snapshot, Verdict

Settled = Callable[[Collection[str]], Awaitable[Set[str]]]


class Readers(Protocol):
    """Both stores."""

    async def read(self, scorecards: Sequence[str], passing: Set[str]) -> list[Snapshot]:
        """Return a snapshot of each scorecard, in their order; of the `passing` ones RAW may be left out. Raises StoreError."""
        ...


class Verifier:
    """The iterations between their last answer and their verdict.

    `content` gives what an iteration's calls wrote; `settled` asks the target which scorecards owe no copy any more, None
    where it cannot tell; `fields` says how values are compared; `conclude` takes the conclusions of each batch.
    """

    def __init__(
        self,
        readers: Readers,
        settled: Settled | None,
        clock: Clock,
        rules: VerdictRules,
        content: Callable[[int], Content],
        fields: FieldRules,
        conclude: Callable[[list[Conclusion]], Awaitable[None]],
    ) -> None:
        self._readers = readers
        self._settled = settled
        self._clock = clock
        self._rules = rules
        self._content = content
        self._fields = fields
        self._conclude = conclude
        self._watches: dict[int, Watch] = {}
        self._unfired: list[Conclusion] = []
        self._closed = False

    def add(self, fired: Fired) -> None:
        """Take in an iteration whose calls were all answered."""
        if not fired.writes:
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
        passing = {n for n, watch in due.items() if not watch.decides(now_ns, settled=n in settled)}
        try:
            snapshots = await self._readers.read(list(due), passing)
        except StoreError as error:
            return self._unread(due.values(), error)
        conclusions = []
        for snapshot in snapshots:
            name = snapshot.scorecard
            conclusion = self._look(due[name], snapshot, settled=name in settled, passing=name in passing)
            if conclusion is not None:
                conclusions.append(conclusion)
        return conclusions

    def _look(self, watch: Watch, snapshot: Snapshot, *, settled: bool, passing: bool) -> Conclusion | None:
        fired = watch.fired
        written: Written | None = None
        postgres: tuple[Anomaly, ...] = ()
        if not passing:
            written = Written(self._content(fired.iteration), fired.calls)
            postgres = postgres_anomalies(snapshot.postgres, written.content, fired.writes, self._fields)
        findings = Findings(postgres, divergences(snapshot.postgres, snapshot.clickhouse, self._fields))
        verdict = watch.look(snapshot, findings, settled=settled, passing=passing)
        if verdict is None:
            return None
        del self._watches[fired.iteration]
        case = Case(snapshot.postgres, watch.evidence(), self._fields, written, postgres, findings.clickhouse)
        return self._conclusion(watch, verdict, case)

    def _conclusion(self, watch: Watch, verdict: Verdict, case: Case) -> Conclusion:
        fired = watch.fired
        reason = refusal(fired) if verdict is Verdict.ERROR else None
        # A late copy has healed by now: what it had looked like before is the evidence.
        clickhouse = watch.last_divergences if verdict is Verdict.LATE else case.divergences
        anomalies = (*causes(case), *case.postgres_findings, *clickhouse)
        return Conclusion(
            fired,
            verdict,
            reason,
            anomalies,
            bool(clickhouse),
            case.clickhouse.raw_headers,
            watch.convergence_ns,
            watch.last_bad_after_ns,
        )

    def _unread(self, watches: Collection[Watch], error: StoreError) -> list[Conclusion]:
        """Conclude those for which it is too late to try again; the others stay."""
        now_ns = self._clock.now_ns()
        given_up = [watch for watch in watches if watch.unread(now_ns)]
        for watch in given_up:
            del self._watches[watch.fired.iteration]
        return [Conclusion(w.fired, Verdict.ERROR, str(error), (), False, (), None) for w in given_up]
