"""How every command that fires calls runs: with progress, to its end or to Ctrl-C, and what is left of it afterwards."""

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from harness.cli.ending import ran_to_end
from harness.cli.progress import TerminalProgress
from harness.errors import ExitCode
from harness.places import Progress
from harness.report.document import Report
from harness.report.render import FILE_NAMES, Format, write_beside
from harness.run import Run


def carry_out(
    new_run: Callable[[Progress], Run], iterations: int, flags: dict[str, Any], show: Callable[[Report, Path], None]
) -> ExitCode:
    """Run, show what came of it, and return the exit code; `iterations` is how many the progress counts up to."""
    as_json = flags["json"]
    # When the progress bar is gone, and whatever became of the run.
    with contextlib.ExitStack() as afterwards, TerminalProgress(iterations, to_stderr=as_json) as progress:
        session = new_run(progress)
        afterwards.callback(_write_files, session, [Format.HTML, *flags["formats"]])
        interrupted = not ran_to_end(session.execute())
    report = session.final_report
    if as_json:
        click.echo(report.model_dump_json(indent=2))
    else:
        show(report, session.folder.path)
    return ExitCode.INTERRUPTED if interrupted else session.exit_code


def _write_files(session: Run, formats: Sequence[Format]) -> None:
    """Write the report in each format beside report.json; one that cannot be made is a warning and changes nothing else."""
    folder = session.folder.path
    if not folder.is_dir():
        return
    report = session.final_report
    for wanted in dict.fromkeys(formats):
        try:
            write_beside(report, folder, wanted)
        except Exception as error:
            text = str(error) or type(error).__name__
            click.echo(f"harness: warning: {FILE_NAMES[wanted]} could not be written: {text}", err=True)
