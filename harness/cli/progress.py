"""Live progress on the terminal; plain lines where there is none."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn


class LiveProgress:
    """A bar that is shown while the context lasts, where its console is a terminal; `columns` stand between the bar and the time."""

    def __init__(self, console: Console, *columns: ProgressColumn, shown: bool = True) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            *columns,
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not (shown and console.is_terminal),
            # A bar on standard error must not draw there what is written to standard output meanwhile.
            redirect_stdout=not console.stderr,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def _say(self, phase: str) -> None:
        """Tell of a phase in a line of its own, where there is no bar that does."""
        if not self._console.is_terminal:
            self._console.print(f"{phase} ...")


class TerminalProgress(LiveProgress):
    """Shows what a run is doing, how many verdicts have fallen and how many of them are failures."""

    def __init__(self, iterations: int, *, to_stderr: bool) -> None:
        console = Console(stderr=to_stderr, highlight=False)
        super().__init__(console, MofNCompleteColumn(), TextColumn("{task.fields[counts]}"))
        self._task = self._progress.add_task("starting", total=iterations, counts="")

    def phase(self, text: str) -> None:
        """Show what the run is doing now."""
        self._progress.update(self._task, description=text)
        self._say(text)

    def advance(self, iterations: int, failures: int, errors: int) -> None:
        """Show the verdicts so far."""
        counts = f"{failures} failed" + (f", {errors} errors" if errors else "")
        self._progress.update(self._task, completed=iterations, counts=counts)

    def expect(self, iterations: int) -> None:
        """Let the bar end where the run will."""
        self._progress.update(self._task, total=iterations)
