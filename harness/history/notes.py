"""What limits a comparison of two runs, in a sentence each."""

from collections.abc import Sequence

from harness.history.runs import RunFolder
from harness.history.shared import SharedDelay


def notes(base: RunFolder, run: RunFolder, delays: Sequence[SharedDelay]) -> list[str]:
    """Return what a reader should know: what is partial, what ended in errors, which delays only one run has."""
    found = [
        f"{which} is partial: {sum(point.iterations for point in one.report.points)} of "
        f"{one.report.planned_iterations} iterations have a verdict"
        for which, one in (("base", base), ("run", run))
        if one.report.status == "partial"
    ]
    found += [
        f"{errors} of {sum(point.iterations for point in one.report.points)} iterations of {which} ended in errors and count nowhere"
        for which, one in (("base", base), ("run", run))
        if (errors := sum(point.errors for point in one.report.points))
    ]
    both = {delay.api_delay_ms for delay in delays}
    for which, one in (("base", base), ("run", run)):
        alone = [f"{point.api_delay_ms:g}" for point in one.report.points if point.api_delay_ms not in both]
        if alone:
            found.append(f"only {which} has the api-delays {', '.join(alone)} ms: not compared")
    return found
