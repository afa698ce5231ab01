"""Live progress of a run on the terminal; plain lines where there is none."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from harness.scenario import Scenario


class TerminalProgress:
    """Shows what a run is doing, how many verdicts have fallen and how many of them are failures."""

    def __init__(self, scenario: Scenario, *, to_stderr: bool) -> None:
        self._console = Console(stderr=to_stderr, highlight=False)
        self._total = scenario.total_iterations
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("{task.fields[counts]}"),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._progress.add_task("starting", total=self._total, counts="")

    def __enter__(self) -> "TerminalProgress":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def phase(self, text: str) -> None:
        """Show what the run is doing now."""
        self._progress.update(self._task, description=text)
        if not self._console.is_terminal:
            self._console.print(f"{text} ...")

    def advance(self, iterations: int, failures: int, errors: int) -> None:
        """Show the verdicts so far."""
        counts = f"{failures} failed" + (f", {errors} errors" if errors else "")
        self._progress.update(self._task, completed=iterations, counts=counts)
