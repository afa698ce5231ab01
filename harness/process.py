"""How the harness starts a process of its own and how that process behaves: the two ends of one small protocol.

The parent writes one JSON line, the configuration (which may hold secrets, so never the command line), to the child's standard input and
keeps it open; the child answers with one JSON line on its standard output when it is ready: `{"ready": {...}}` or `{"error": "..."}`.
The child's life is tied to its standard input: when that ends, because the parent closed it or was killed in any way, the child cleans up
and exits. A child runs in a session of its own, so that a terminal's Ctrl-C reaches the parent alone, which then ends its
children in order.
"""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from harness.errors import ChildError, HarnessError, first_error

READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 15.0
STREAM_LIMIT_BYTES = 16 * 1024 * 1024


class Child:
    """The parent's end: a running `python -m <module>` that has said that it is ready."""

    def __init__(self, module: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.module = module
        self.process = process
        self._log = log
        self.ready: dict[str, Any] = {}

    @classmethod
    async def start(cls, module: str, config: dict[str, Any], log: Path) -> "Child":
        """Start `python -m module`, hand it `config`, and wait until it is ready.

        `log` takes its standard error. Raises ChildError, with the child's own words, where it does not come up.
        """
        with log.open("ab") as stderr:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                module,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
                limit=STREAM_LIMIT_BYTES,
            )
        child = cls(module, process, log)
        try:
            await child.send(config)
            child.ready = (await asyncio.wait_for(child.hear(), READY_TIMEOUT_S))["ready"]
        except TimeoutError:
            await child.stop()
            raise ChildError(f"{module} was not ready after {READY_TIMEOUT_S:.0f} s{child._log_tail()}") from None
        except BaseException:
            await child.stop()
            raise
        return child

    async def send(self, message: dict[str, Any]) -> None:
        """Write one more JSON line to the child; a child that is gone is not an error here."""
        assert self.process.stdin is not None
        self.tell(message)
        with contextlib.suppress(ConnectionError):
            await self.process.stdin.drain()

    def tell(self, message: dict[str, Any]) -> None:
        """Queue one more JSON line for the child, and never wait."""
        assert self.process.stdin is not None
        with contextlib.suppress(ConnectionError):
            self.process.stdin.write(json.dumps(message).encode() + b"\n")

    async def hear(self) -> dict[str, Any]:
        """Return the child's next message. Raises ChildError when it has ended, in its own words where it says why."""
        assert self.process.stdout is not None
        if not (line := await self.process.stdout.readline()):
            await self.process.wait()
            raise self.died()
        message: dict[str, Any] = json.loads(line)
        if "error" in message:
            raise ChildError(str(message["error"]))
        return message

    async def stop(self, patience_s: float = STOP_TIMEOUT_S) -> None:
        """Close the child's standard input and wait until it is gone, by force where it does not go. Safe to call twice."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        for insist in (self.process.terminate, self.process.kill):
            try:
                await asyncio.wait_for(self.process.wait(), patience_s)
                return
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    insist()
        await self.process.wait()

    def died(self) -> ChildError:
        """Return the error to raise where the child ended unasked."""
        return ChildError(f"{self.module} ended unexpectedly (exit status {self.process.returncode}){self._log_tail()}")

    def _log_tail(self) -> str:
        """Return the last line of the child's standard error, as a clause for an error message."""
        with contextlib.suppress(OSError):
            lines = self._log.read_text(errors="replace").strip().splitlines()
            if lines:
                return f": {lines[-1]}"
        return ""


class _Output(asyncio.BaseProtocol):
    """Tells when everything written has been flushed, or the reader is gone."""

    def __init__(self) -> None:
        self.closed = asyncio.get_running_loop().create_future()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


class Parent:
    """The child's end: its standard input and output."""

    def __init__(
        self, reader: asyncio.StreamReader, out: asyncio.WriteTransport, flushed: asyncio.Future[None]
    ) -> None:
        self._reader = reader
        self._out = out
        self._flushed = flushed

    @classmethod
    async def connect(cls) -> "Parent":
        """Attach to standard input and output. What the child prints by accident goes to standard error from here on."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=STREAM_LIMIT_BYTES)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        out, protocol = await loop.connect_write_pipe(_Output, sys.stdout)
        sys.stdout = sys.stderr
        return cls(reader, out, protocol.closed)

    async def read(self) -> dict[str, Any] | None:
        """Return the parent's next message, or None when the parent has closed the pipe or is gone."""
        line = await self._reader.readline()
        if not line:
            return None
        message: dict[str, Any] = json.loads(line)
        return message

    def write(self, line: bytes) -> None:
        """Queue one line, newline included, for the parent, and never block; a parent that is gone is noticed by `read`."""
        self._out.write(line)

    def say(self, message: dict[str, Any]) -> None:
        """Queue one JSON line for the parent."""
        self.write(json.dumps(message).encode() + b"\n")

    async def gone(self) -> None:
        """Return when the parent has closed the pipe or is gone."""
        while await self.read() is not None:
            pass

    async def flush(self) -> None:
        """Close the output when everything queued was written."""
        self._out.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._flushed, STOP_TIMEOUT_S)


async def serve(body: Callable[[dict[str, Any], Parent], Awaitable[None]]) -> None:
    """Run a child's `body(config, parent)`.

    `body` says `{"ready": ...}` itself and returns when `parent` has gone; a HarnessError that it raises is told to the parent. SIGTERM
    cancels it, so that its clean-up runs.
    """
    parent = await Parent.connect()
    config = await parent.read()
    if config is None:
        return
    task = asyncio.ensure_future(body(config, parent))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except* HarnessError as group:
        parent.say({"error": str(first_error(group))})
    except* asyncio.CancelledError:
        pass
    finally:
        await parent.flush()
