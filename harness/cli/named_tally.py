"""What became of many named scorecards: the end of `harness verify`'s output, and its exit code."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from harness.bulk.settled import Examined
from harness.check.anomalies import failures
from harness.errors import ExitCode
from harness.report.legible import legible
from harness.report.lines import Line, Style
from harness.report.snapshot import exists

# How many names of each kind are repeated at the end.
SHOWN = 20


class Kind(Enum):
    """What became of one scorecard; the values are told behind the number of such, of one and of more."""

    AGREES = ("agrees", "agree")
    DIFFERS = ("differs", "differ")
    NOWHERE = ("is in neither store", "are in neither store")
    UNSETTLED = ("is not settled", "are not settled")


def kind_of(found: Examined) -> Kind:
    """Return what became of a scorecard."""
    if not found.settled:
        return Kind.UNSETTLED
    if not found.agrees:
        return Kind.DIFFERS
    return Kind.AGREES if exists(found.snapshot) else Kind.NOWHERE


@dataclass(slots=True)
class NamedTally:
    """Counts what became of scorecards, and keeps the first names of each kind but those that agree."""

    _counts: Counter[Kind] = field(default_factory=Counter)
    _kept: dict[Kind, list[str]] = field(default_factory=dict)

    def add(self, found: Examined) -> None:
        """Take in one scorecard."""
        kind = kind_of(found)
        self._counts[kind] += 1
        kept = self._kept.setdefault(kind, [])
        if kind is not Kind.AGREES and len(kept) < SHOWN:
            kept.append(f"{legible(found.snapshot.scorecard)}: {_what(found, kind)}")

    @property
    def exit_code(self) -> ExitCode:
        """1 where one differs or is nowhere, else 4 where one is not settled."""
        if self._counts[Kind.DIFFERS] or self._counts[Kind.NOWHERE]:
            return ExitCode.GATE_FAILED
        return ExitCode.INCONCLUSIVE if self._counts[Kind.UNSETTLED] else ExitCode.OK

    def lines(self) -> Iterator[Line]:
        """Yield the end: how many differ, and the names of the first."""
        total, agreeing = self._counts.total(), self._counts[Kind.AGREES]
        if agreeing == total:
            yield Line(f"{total:,} scorecards agree", Style.GOOD)
            return
        differing = self._counts[Kind.DIFFERS]
        parts = [f"{differing:,} of {total:,} scorecards {Kind.DIFFERS.value[differing != 1]}"]
        others = [(kind, self._counts[kind]) for kind in (Kind.NOWHERE, Kind.UNSETTLED)]
        parts += [f"{count:,} {kind.value[count != 1]}" for kind, count in others if count]
        yield Line(", ".join(parts), Style.BAD if self.exit_code is ExitCode.GATE_FAILED else Style.NOTE)
        for kind, style in ((Kind.DIFFERS, Style.BAD), (Kind.NOWHERE, Style.NOTE), (Kind.UNSETTLED, Style.NOTE)):
            kept = self._kept.get(kind, [])
            yield from (Line(f"  {text}", style) for text in kept)
            if (more := self._counts[kind] - len(kept)) > 0:
                yield Line(f"  and {more:,} more", style)


def _what(found: Examined, kind: Kind) -> str:
    if kind is not Kind.DIFFERS:
        return "in neither store" if kind is Kind.NOWHERE else "not settled"
    return ", ".join(dict.fromkeys(anomaly.anomaly_class for anomaly in failures(found.anomalies)))
