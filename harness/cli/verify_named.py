"""The part of `harness verify` that shows named scorecards: reading, what is shown of each, the end line and the exit code."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

import uvloop
from rich.console import Console
from rich.progress import MofNCompleteColumn

from harness.bulk.settled import Examined, open_examiner
from harness.check.fields import FieldRules
from harness.cli.named_tally import Kind, NamedTally, kind_of
from harness.cli.progress import LiveProgress
from harness.cli.verify_output import echo_json, echo_lines, scorecard_data
from harness.clock import SystemClock
from harness.errors import ExitCode
from harness.mapping import StoreMapping
from harness.report.legible import legible
from harness.report.lines import Line, Style
from harness.report.snapshot import snapshot_lines
from harness.units import NS_PER_S

# Of more names than these, those that agree are told in one line each.
FULL_NAMES = 10


@dataclass(slots=True)
class NamedOutput:
    """Shows each scorecard as it comes, as text; or keeps them all for one JSON document."""

    full: bool
    as_json: bool
    tally: NamedTally = field(default_factory=NamedTally)
    console: Console = field(default_factory=Console)
    _data: list[dict[str, Any]] = field(default_factory=list)

    def take(self, found: Examined, rules: FieldRules) -> None:
        """Take in one scorecard."""
        self.tally.add(found)
        if self.as_json:
            self._data.append(scorecard_data(found.snapshot, found.anomalies, settled=found.settled))
        elif self.full or kind_of(found) is not Kind.AGREES:
            width = self.console.width
            echo_lines(
                snapshot_lines(found.snapshot, found.anomalies, rules, width, settled=found.settled), self.console
            )
        else:
            notes = ", ".join(dict.fromkeys(f"note {anomaly.anomaly_class}" for anomaly in found.anomalies))
            text = f"{legible(found.snapshot.scorecard)}: agree{', ' if notes else ''}{notes}"
            echo_lines([Line(text, Style.NOTE if notes else Style.PLAIN)], self.console)

    def end(self, names: int) -> None:
        """Show what is only known at the end."""
        if self.as_json:
            echo_json(self._data)
        elif names > 1:
            echo_lines(self.tally.lines(), self.console)


def verify_named(
    postgres: str,
    clickhouse: str,
    mapping: StoreMapping,
    names: Sequence[str],
    settle_s: float,
    *,
    full: bool,
    as_json: bool,
) -> ExitCode:
    """Look at each, show what came of it, and return the exit code. Raises HarnessError."""
    output = NamedOutput(full or len(names) <= FULL_NAMES, as_json)

    async def examine(progress: "NamedProgress") -> None:
        settle_ns = round(settle_s * NS_PER_S)
        async with (
            open_examiner(postgres, clickhouse, mapping, SystemClock(), settle_ns) as examiner,
            aclosing(examiner.examine(names)) as batches,
        ):
            async for batch in batches:
                for found in batch:
                    output.take(found, examiner.look.rules)
                progress.advance(len(batch))

    with (
        # Scorecards that come one by one on a terminal are their own progress.
        NamedProgress(len(names), shown=as_json or not output.console.is_terminal) as progress,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(examine(progress))
    output.end(len(names))
    return output.tally.exit_code


class NamedProgress(LiveProgress):
    """Shows how many scorecards were examined, on standard error, where that is a terminal."""

    def __init__(self, names: int, *, shown: bool) -> None:
        console = Console(stderr=True, highlight=False, markup=False)
        super().__init__(console, MofNCompleteColumn(), shown=shown)
        self._task = self._progress.add_task("scorecards", total=names)

    def advance(self, names: int) -> None:
        """Take in that so many more were examined."""
        self._progress.advance(self._task, names)
