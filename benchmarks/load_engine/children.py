"""The parent's side of the processes: started by exec, spoken to in JSON lines, and ended whatever happens."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.embedded.lifetime import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
ANSWER_TIMEOUT_S = 120.0
CHUNK = 1 << 20


class SideError(Exception):
    """A side that did not do what it was asked; the text is its own last line."""


class Side:
    """A running child."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.process = process
        self._log = log
        self._received = b""
        self.ready: dict[str, Any] = {}

    def send(self, message: dict[str, Any]) -> None:
        """Write one JSON line. Raises SideError where the child is gone."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self._died() from None

    def answer(self, timeout_s: float = ANSWER_TIMEOUT_S) -> dict[str, Any]:
        """Return the child's next JSON line. Raises SideError where it reports an error, ends, or says nothing."""
        until_s = time.monotonic() + timeout_s
        pieces = [self._received]
        assert self.process.stdout is not None
        while b"\n" not in pieces[-1]:
            if not select.select([self.process.stdout], [], [], max(0.0, until_s - time.monotonic()))[0]:
                raise SideError(f"no answer within {timeout_s:.0f} s")
            pieces.append(os.read(self.process.stdout.fileno(), CHUNK))
            if not pieces[-1]:
                raise self._died()
        line, _, self._received = b"".join(pieces).partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        if "error" in message:
            raise SideError(str(message["error"]))
        return message

    def _died(self) -> SideError:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return SideError(lines[-1] if lines else "it ended without a word")


@contextlib.contextmanager
def side(module: str, config: dict[str, Any], python: str = sys.executable) -> Iterator[Side]:
    """Run `python -m benchmarks.load_engine.<module>`, ready, for as long as the context lasts. Raises SideError.

    It has a session of its own, so that Ctrl-C reaches this process alone, and dies with it.
    """
    with tempfile.TemporaryDirectory(prefix="load-engine-") as folder:
        log = Path(folder) / "log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [python, "-m", f"benchmarks.load_engine.{module}"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=ROOT,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGKILL),  # noqa: PLW1509 - this process has no threads
            )
        try:
            child = Side(process, log)
            child.send(config)
            child.ready = child.answer()["ready"]
            yield child
        finally:
            _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill and reap: no side has anything to clean up. A stopped process dies of SIGKILL too."""
    process.kill()
    with contextlib.suppress(BrokenPipeError):
        process.communicate()
