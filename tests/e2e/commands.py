"""Runs the command as a user does, and looks for what it may have left behind."""

import atexit
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.embedded.lifetime import PREFIX
from harness.report.document import IterationRecord, Report

ROOT = Path(__file__).parents[2]
HARNESS = (sys.executable, "-m", "harness")

# The commands' own temporary folder, so that other stacks on this machine are not taken for theirs. PostgreSQL, which
# does not run as root, must be able to pass through it.
TEMPORARY = Path(tempfile.mkdtemp(prefix="harness-e2e-"))
TEMPORARY.chmod(0o711)
atexit.register(shutil.rmtree, TEMPORARY, ignore_errors=True)


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    def report(self, folder: Path) -> Report:
        """The only report under a folder."""
        (path,) = folder.glob("*/report.json")
        return Report.model_validate_json(path.read_text())


def harness(*arguments: str, environment: dict[str, str] | None = None, cwd: Path = ROOT) -> Ended:
    """Run the command to its end."""
    ended = subprocess.run(
        [*HARNESS, *arguments],
        capture_output=True,
        text=True,
        env=clean_environment() | (environment or {}),
        cwd=cwd,
        timeout=110,
        check=False,
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def side_by_side(*commands: tuple[str, ...]) -> list[Ended]:
    """Run commands that have nothing to do with each other at the same time, as many as there are processors; return them in order."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda arguments: harness(*arguments), commands))


@contextlib.contextmanager
def ahead(commands: Iterable[tuple[str, ...]]) -> Iterator[dict[tuple[str, ...], "Future[Ended]"]]:
    """Run such commands ahead of the tests that look at one each; in the end, those that were not begun are left."""
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        yield {arguments: pool.submit(harness, *arguments) for arguments in commands}
    finally:
        pool.shutdown(cancel_futures=True)


def start(*arguments: str) -> "subprocess.Popen[str]":
    """Start the command as a process group of its own, as a terminal does."""
    return start_program([*HARNESS, *arguments])


def start_program(program: Sequence[str]) -> "subprocess.Popen[str]":
    """Start a program as a command is."""
    return subprocess.Popen(
        program,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(),
        cwd=ROOT,
        start_new_session=True,
    )


def clean_environment() -> dict[str, str]:
    """This environment without settings of the harness's own, and marked, so that the processes started from it can be found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HARNESS_")}
    # Most runs of these tests are over before a machine would be measured.
    return kept | {"HARNESS_CALIBRATION": "0", "COLUMNS": "80", "PYTHONPATH": str(ROOT), "TMPDIR": str(TEMPORARY)}


def iterations(folder: Path) -> list[IterationRecord]:
    """The lines of the only run under a folder."""
    (path,) = folder.glob("*/iterations.jsonl")
    return [IterationRecord.model_validate_json(line) for line in path.read_text().splitlines()]


def descendants(pid: int) -> set[int]:
    """The processes below one, however deep, sessions of their own included."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found: set[int] = set()
    fresh = {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


def stack_folders() -> set[Path]:
    """The folders of embedded stacks that commands under test have now."""
    return set(TEMPORARY.glob(f"{PREFIX}*"))


def leftovers() -> set[Path]:
    """Whatever commands under test have now in their temporary folder."""
    return set(TEMPORARY.iterdir())


def until(condition: Any, what: str, seconds: float = 30) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come about within {seconds} s"
        time.sleep(0.05)


def alive(pids: set[int]) -> set[int]:
    """Those of the processes that still run; a zombie does not."""
    found = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            found.add(pid)
    return found


def parsed(text: str) -> Any:
    """JSON from a command's output."""
    return json.loads(text)
