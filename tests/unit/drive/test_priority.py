"""The claim on the machine is what the operating system then says, and is not inherited."""

import subprocess
import sys

CLAIM = """
import os, subprocess, sys
from harness.drive.priority import claim_priority
claimed = claim_priority()
inherited = "import os; print(os.sched_getscheduler(0))"
child = int(subprocess.run([sys.executable, "-c", inherited], capture_output=True, text=True).stdout)
print(claimed, os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK, os.getpriority(os.PRIO_PROCESS, 0), child)
"""


def test_the_claim_is_true_and_ends_with_the_process() -> None:
    import os

    ended = subprocess.run([sys.executable, "-c", CLAIM], capture_output=True, text=True, check=True)
    claimed, policy, niceness, inherited = ended.stdout.split()
    assert (claimed == "realtime") is (int(policy) == os.SCHED_RR)
    assert (claimed == "raised") is (int(policy) == os.SCHED_OTHER and int(niceness) < 0)
    assert int(inherited) == os.SCHED_OTHER


THREADS = """
import os, threading
from pathlib import Path
from harness.drive.priority import claim_priority
waiting, end = threading.Event(), threading.Event()
other = threading.Thread(target=lambda: (waiting.set(), end.wait()))
other.start()
waiting.wait()
claimed = claim_priority()
threads = [int(task.name) for task in Path("/proc/self/task").iterdir()]
standing = {(os.sched_getscheduler(one), os.getpriority(os.PRIO_PROCESS, one)) for one in threads}
print(*standing, len(threads))
end.set()
"""


def test_every_thread_of_the_process_has_the_claim() -> None:
    ended = subprocess.run([sys.executable, "-c", THREADS], capture_output=True, text=True, check=True)
    # One standing, and two threads that have it.
    assert ended.stdout.count("(") == 1
    assert ended.stdout.split()[-1] == "2"
