"""`harness report`."""

import sys
from pathlib import Path

import click

from harness.cli.options import results_option
from harness.errors import ResultsError, UsageError
from harness.history.select import named_run
from harness.report.curve import with_curve
from harness.report.render import NOT_FOR_TERMINALS, Format, rendered
from harness.report.terminal import print_report
from harness.report.threshold import print_threshold


@click.command(short_help="Show a run again, in any of nine formats.")
@click.argument("run")
@click.option(
    "--format",
    "wanted",
    type=click.Choice([one.value for one in Format]),
    default=Format.TERMINAL.value,
    show_default=True,
    help="what to render it as",
)
@click.option("--output", type=click.Path(path_type=Path), help="file to write to; standard output where not given")
@results_option
def report(run: str, wanted: str, output: Path | None, results: str) -> None:
    """Show a run again, in any of nine formats.

    RUN is a run's folder, its id or the beginning of that, `latest` or `latest-passing`. All formats are made from its report.json;
    the exit code is 0 whatever the run's gate said.
    """
    form = Format(wanted)
    found = named_run(run, Path(results))
    folder, document = found.path, found.report
    if document.curve is None:
        # A run that was killed could not fit its curve.
        document = with_curve(document)
    if form is Format.TERMINAL:
        if output is not None:
            raise UsageError("--output needs a --format for a file, such as --format markdown")
        (print_report if document.threshold is None else print_threshold)(document, folder)
        return
    if output is None and form in NOT_FOR_TERMINALS and sys.stdout.isatty():
        raise UsageError(f"{form.value} is not for a terminal: give --output FILE, or send standard output to a file")
    _write(rendered(document, folder, form), output)


def _write(content: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise ResultsError(f"{output} cannot be written: {error.strerror or error}") from None
