"""What a run's scenario is called."""

import shlex

from harness.report.document import Report

FLAGS_WITHOUT_VALUE = ("--json", "--force")


def scenario_label(report: Report) -> str:
    """Return what the user called the scenario: the name or file on the command line, else the command, as `sweep`."""
    try:
        words = shlex.split(report.command)[1:]
    except ValueError:
        words = report.command.split()[1:]
    if not words:
        return "-"
    takes_value = False
    for word in words[1:]:
        if word.startswith("-"):
            takes_value = "=" not in word and word not in FLAGS_WITHOUT_VALUE
        elif takes_value:
            takes_value = False
        else:
            return word.rsplit("/", 1)[-1].removesuffix(".toml")
    return words[0]
