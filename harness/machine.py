"""What the harness runs on, for the report."""

import os
import platform
from pathlib import Path

from harness.report.document import Machine


def this_machine() -> Machine:
    """Return the facts that bear on timing; None where the platform does not tell."""
    return Machine(
        platform=platform.platform(),
        python=platform.python_version(),
        cpus=len(os.sched_getaffinity(0)),
        memory_mb=_memory_mb(),
        load_average_1m=os.getloadavg()[0],
    )


def _memory_mb() -> int | None:
    try:
        text = Path("/proc/meminfo").read_text()
    except OSError:
        return None
    for line in text.splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) // 1024
    return None
