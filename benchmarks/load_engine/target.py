"""The trivial target, `python -m benchmarks.load_engine.target`: a child as `harness.process` describes, on a core of its own.

It answers every call at once with a scorecard of which only the name means something, and notes when each call of a pair arrived.
Told `{"take": true}` it answers with `{"arrivals": {id: [update_ns, submit_ns]}, "waited_ms": ...}`, what came since the last time; an
instant that is not known is null, and so is the time for which it was kept from its core where the kernel does not tell.
"""

import asyncio
import itertools
from typing import Any

import uvloop

from benchmarks.load_engine.h2 import Responder
from benchmarks.load_engine.messages import COLLECTION, ID_LENGTH, PARENT
from benchmarks.load_engine.segment import bind, waited_ms
from harness.drive.priority import claim_priority
from harness.process import Parent, serve

MARK = COLLECTION.encode()
CUSTOMER = PARENT.partition("/")[0].encode()
PREFIX = 2
"""Bytes of a protobuf field's tag and length, where that is below 128."""


class Arrivals:
    """What arrived: the two calls of each scorecard."""

    def __init__(self) -> None:
        self._calls: list[tuple[bytes, bool, int]] = []
        self._numbers = itertools.count(1)
        self._canned = _named(0)

    def answer(self, message: bytes, arrived_ns: int) -> bytes:
        """Return the answer to a request, of which only Create's has no scorecard's name in it."""
        at = message.find(MARK)
        if at < 0:
            return _named(next(self._numbers))
        # Submit has the name as its first field; Update has a scorecard there, which has it as its own first.
        is_submit = message.startswith(CUSTOMER, PREFIX)
        start = at + len(MARK)
        self._calls.append((message[start : start + ID_LENGTH], is_submit, arrived_ns))
        return self._canned

    def take(self) -> dict[str, list[int | None]]:
        """Return the instants (ns) of each scorecard's update and submit, and forget them."""
        arrivals: dict[str, list[int | None]] = {}
        for name, is_submit, arrived_ns in self._calls:
            arrivals.setdefault(name.decode(), [None, None])[is_submit] = arrived_ns
        self._calls.clear()
        return arrivals


def _named(number: int) -> bytes:
    """Return a serialised Scorecard that has but a name."""
    name = f"{PARENT}{COLLECTION}{number:0{ID_LENGTH}d}".encode()
    return b"\x0a" + bytes((len(name),)) + name


async def work(config: dict[str, Any], parent: Parent) -> None:
    """Serve until the parent is gone."""
    bind(config["core"])
    scheduling = claim_priority().value
    arrivals = Arrivals()
    server = await asyncio.get_running_loop().create_server(lambda: Responder(arrivals.answer), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        parent.say({"ready": {"address": f"127.0.0.1:{port}", "scheduling": scheduling}})
        before_ms = waited_ms()
        while await parent.read() is not None:
            now_ms = waited_ms()
            waited = None if now_ms is None or before_ms is None else now_ms - before_ms
            parent.say({"arrivals": arrivals.take(), "waited_ms": waited})
            before_ms = now_ms


if __name__ == "__main__":
    uvloop.run(serve(work))
