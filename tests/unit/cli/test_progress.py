"""The bar of a run."""

from harness.cli.progress import TerminalProgress


def test_the_bar_ends_where_a_run_ends_that_its_gates_have_stopped() -> None:
    with TerminalProgress(700, to_stderr=True) as progress:
        (task,) = progress._progress.tasks
        assert task.total == 700
        progress.expect(133)
        progress.advance(133, 4, 0)
        assert (task.completed, task.total, task.finished) == (133, 133, True)
