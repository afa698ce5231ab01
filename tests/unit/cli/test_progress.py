"""The bar of a run."""

import sys

from rich.console import Console

from harness.cli.progress import LiveProgress, TerminalProgress


def test_the_bar_ends_where_a_run_ends_that_its_gates_have_stopped() -> None:
    with TerminalProgress(700, to_stderr=True) as progress:
        (task,) = progress._progress.tasks
        assert task.total == 700
        progress.expect(133)
        progress.advance(133, 4, 0)
        assert (task.completed, task.total, task.finished) == (133, 133, True)


def test_a_bar_on_standard_error_leaves_standard_output_alone() -> None:
    """What is printed while it is shown may go to a file."""
    before = sys.stdout
    with LiveProgress(Console(stderr=True, force_terminal=True)):
        assert sys.stdout is before


def test_a_bar_that_is_not_to_be_shown_is_not() -> None:
    console = Console(stderr=True, force_terminal=True)
    with LiveProgress(console, shown=False) as progress:
        assert progress._progress.disable
