"""When a verdict is taken, and which: the rules of one iteration's watch over time. Pure: instants come in, verdicts come out.

Definitions. The *deadline* is `wait` after all calls were answered; the *horizon* lies `horizon` after the deadline. A look at the stores
is *settled* when, before it began, the target had said that no copy of the scorecard is outstanding. Equality seen in an unsettled look
before the deadline proves nothing, since a stale copy can still land: it is noted for the convergence time and decides nothing.

The rules, first match decides, for a look that began at `t`:

| look                                          | PostgreSQL  | the stores | verdict                                |
| --------------------------------------------- | ----------- | ---------- | -------------------------------------- |
| before the deadline; policy fixed or unsettled | any         | any        | none yet                               |
| deciding                                      | unexplained | any        | postgres_wrong                         |
| deciding                                      | explained   | agree      | converged, error where a call was refused |
| deciding, settled or past the horizon         | explained   | differ     | diverged                               |
| deciding, otherwise                           | explained   | differ     | none yet: watched up to the horizon    |
| watched, settled or past the horizon          | explained   | agree      | late                                   |
| watched, settled or past the horizon          | explained   | differ     | diverged                               |
| watched, otherwise                            | any         | any        | none yet                               |

The deciding look is the first at or after the deadline, or under `quiescent` the first settled one.
"""

from dataclasses import dataclass, field

from harness.check.anomalies import Anomaly
from harness.check.evidence import joined
from harness.model import CallOutcome, ClickHouseRows, Fired, Snapshot, Verdict
from harness.units import NS_PER_MS, NS_PER_S


@dataclass(frozen=True, slots=True)
class VerdictRules:
    """The times of the rules."""

    wait_ns: int
    horizon_ns: int
    poll_ns: int
    quiescent: bool

    @classmethod
    def of(cls, *, wait_s: float, horizon_s: float, poll_ms: float, quiescent: bool) -> "VerdictRules":
        """Return the rules for durations in their users' units."""
        return cls(round(wait_s * NS_PER_S), round(horizon_s * NS_PER_S), round(poll_ms * NS_PER_MS), quiescent)


@dataclass(frozen=True, slots=True)
class Findings:
    """What one look at an iteration's scorecard showed."""

    postgres: tuple[Anomaly, ...]
    clickhouse: tuple[Anomaly, ...]


@dataclass(slots=True)
class Watch:
    """One iteration between its last answer and its verdict."""

    fired: Fired
    rules: VerdictRules
    next_look_ns: int = field(init=False)
    last_bad_ns: int | None = None
    first_good_ns: int | None = None
    last_divergences: tuple[Anomaly, ...] = ()
    """What differed at the last bad look: the evidence of a verdict `late`."""
    diverged_at_deadline: bool = False
    _seen: list[ClickHouseRows] = field(default_factory=list)
    """What the looks have seen: background merges remove the older versions, often within milliseconds."""

    def __post_init__(self) -> None:
        self.next_look_ns = self._after(self.fired.answered_ns)

    @property
    def deadline_ns(self) -> int:
        """When the verdict is due."""
        return self.fired.answered_ns + self.rules.wait_ns

    @property
    def horizon_ns(self) -> int:
        """When a difference is taken for lasting."""
        return self.deadline_ns + self.rules.horizon_ns

    @property
    def last_bad_after_ns(self) -> int | None:
        """How long after the last answer the last look began that saw the stores differ, None where none did: the interval's lower end."""
        return None if self.last_bad_ns is None else self.last_bad_ns - self.fired.answered_ns

    @property
    def convergence_ns(self) -> int | None:
        """How long after the last answer the stores were first seen to agree for good, None where they do not.

        The upper end of the interval (last bad look, first good look], so its resolution is that of the looks.
        """
        return None if self.first_good_ns is None else self.first_good_ns - self.fired.answered_ns

    def look(self, snapshot: Snapshot, findings: Findings, *, settled: bool, passing: bool = False) -> Verdict | None:
        """Take one look in; return the verdict if it decides. `next_look_ns` says when the next is due.

        A `passing` look was begun before it could decide, and without all that a verdict needs.
        """
        if snapshot.clickhouse.complete:
            self._seen.clear()
        self._seen.append(snapshot.clickhouse)
        self._note(snapshot, findings.clickhouse)
        verdict = None if passing else self._decide(snapshot.read_started_ns, findings, settled=settled)
        self.next_look_ns = self._after(snapshot.read_started_ns)
        return verdict

    def decides(self, started_ns: int, *, settled: bool) -> bool:
        """Return whether a look that begins now can bring the verdict, or the deadline's part of it."""
        return started_ns >= self.deadline_ns or (self.rules.quiescent and settled)

    def evidence(self) -> ClickHouseRows:
        """Return what the last look saw of ClickHouse, its RAW completed by what merges have removed since an earlier look."""
        return joined(self._seen)

    def unread(self, now_ns: int) -> bool:
        """Take in that the stores could not be read now; return whether it is too late to try again."""
        self.next_look_ns = now_ns + self.rules.poll_ns
        return now_ns >= self.horizon_ns

    def _note(self, snapshot: Snapshot, differences: tuple[Anomaly, ...]) -> None:
        if differences:
            self.last_bad_ns, self.first_good_ns = snapshot.read_started_ns, None
            self.last_divergences = differences
        elif self.first_good_ns is None:
            self.first_good_ns = snapshot.read_finished_ns

    def _decide(self, started_ns: int, findings: Findings, *, settled: bool) -> Verdict | None:
        if not self.decides(started_ns, settled=settled):
            return None
        final = settled or started_ns >= self.horizon_ns
        if self.diverged_at_deadline:
            if not final:
                return None
            return Verdict.DIVERGED if findings.clickhouse else Verdict.LATE
        if findings.postgres:
            return Verdict.POSTGRES_WRONG
        if not findings.clickhouse:
            return Verdict.ERROR if refusal(self.fired) else Verdict.CONVERGED
        if final:
            return Verdict.DIVERGED
        self.diverged_at_deadline = True
        return None

    def _after(self, now_ns: int) -> int:
        """Return when to look next: at doubling distances from the last answer, at the deadline, and likewise up to the horizon."""
        if self.rules.quiescent:
            return now_ns + self.rules.poll_ns
        start_ns, end_ns = self.fired.answered_ns, self.deadline_ns
        if now_ns >= end_ns:
            start_ns, end_ns = end_ns, self.horizon_ns
        if now_ns >= end_ns:
            return now_ns + self.rules.poll_ns
        return min(now_ns + max(self.rules.poll_ns, now_ns - start_ns), end_ns)


def refusal(fired: Fired) -> str | None:
    """Return why an iteration's calls did not meet at all, None where all were let in.

    Where a call was refused the planned race did not take place: agreement of the stores then is no evidence for anything.
    """
    for call in fired.calls:
        if call.outcome is CallOutcome.REFUSED:
            return f"{call.method} was refused with {call.code}: {call.detail}"
    if not fired.writes:
        create = fired.calls[0]
        return f"{create.method} failed with {create.code}: {create.detail}"
    return None
