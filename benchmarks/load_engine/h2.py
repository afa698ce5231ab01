"""As much of HTTP/2's server side as a gRPC client needs of a trivial target: frames, flow control, canned answers.

grpc.aio's own server takes four times the CPU of the client that is to be measured, and enters its handlers in another order than
calls arrived in. This one looks at no header: which call it was shows in the message, and every call gets the same answer.
Frames are those of RFC 9113, section 6; header blocks those of RFC 7541, without Huffman coding and without the dynamic table.
"""

import asyncio
import time
from collections.abc import Callable
from typing import cast

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
HEADER = 9
DATA, HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE = 0, 1, 3, 4, 6, 8
END_STREAM, ACK, END_HEADERS = 1, 1, 4
GRPC_PREFIX = 5
"""Bytes before each message: a flag for compression, and the length."""
DEFAULT_WINDOW = 65_535
BIG_WINDOW = 2**31 - 1
REFILL = 2**28
"""The connection's window is opened again after so many bytes."""

# An indexed field; a literal without indexing whose name stands in the static table at 31, 15 + 16; a literal with a new name.
RESPONSE_BLOCK = b"\x88" + b"\x0f\x10" + b"\x10application/grpc"
TRAILERS_BLOCK = b"\x00" + b"\x0bgrpc-status" + b"\x010"

Answer = Callable[[bytes, int], bytes]
"""From a request's message and its arrival (ns) to the answer's message."""


def frame(kind: int, flags: int, stream: bytes, payload: bytes) -> bytes:
    """Return one frame; `stream` is the identifier's four bytes."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream + payload


def response(stream: bytes, message: bytes) -> bytes:
    """Return the three frames of a successful unary answer."""
    body = b"\x00" + len(message).to_bytes(4, "big") + message
    return (
        frame(HEADERS, END_HEADERS, stream, RESPONSE_BLOCK)
        + frame(DATA, 0, stream, body)
        + frame(HEADERS, END_HEADERS | END_STREAM, stream, TRAILERS_BLOCK)
    )


class Responder(asyncio.Protocol):
    """One client's connection.

    What comes by one read has one instant: CLOCK_MONOTONIC ns when the event loop handed it over, which is as near to the wire as a
    process of its own gets.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._buffer = b""
        self._preface = True
        self._bodies: dict[bytes, bytes] = {}
        self._unacknowledged = 0
        self._transport: asyncio.Transport
        self.closed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet the client, and open the connection's window as far as it goes."""
        # uvloop's transport is none of asyncio's classes, and does what they do.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(frame(SETTINGS, 0, bytes(4), b"") + _window(BIG_WINDOW - DEFAULT_WINDOW))

    def data_received(self, data: bytes) -> None:
        """Answer every call whose request is whole; all answers go out by one write."""
        arrived_ns = time.monotonic_ns()
        buffer = self._buffer + data if self._buffer else data
        at = 0
        if self._preface:
            if len(buffer) < len(PREFACE):
                self._buffer = buffer
                return
            self._preface, at = False, len(PREFACE)
        out: list[bytes] = []
        while len(buffer) - at >= HEADER:
            end = at + HEADER + int.from_bytes(buffer[at : at + 3], "big")
            if end > len(buffer):
                break
            kind, flags, stream = buffer[at + 3], buffer[at + 4], buffer[at + 5 : at + HEADER]
            if kind == DATA:
                self._take(buffer[at + HEADER : end], flags, stream, arrived_ns, out)
            elif kind != HEADERS:
                self._control(kind, flags, stream, buffer[at + HEADER : end], out)
            at = end
        self._buffer = buffer[at:]
        if out:
            self._transport.write(b"".join(out))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that the connection is gone."""
        self.closed.set()

    def _take(self, payload: bytes, flags: int, stream: bytes, arrived_ns: int, out: list[bytes]) -> None:
        """Keep a part of a request, or answer the whole one. Padding, which gRPC does not use, is not understood."""
        self._unacknowledged += len(payload)
        if not flags & END_STREAM:
            self._bodies[stream] = self._bodies.get(stream, b"") + payload
            return
        if self._bodies:
            payload = self._bodies.pop(stream, b"") + payload
        out.append(response(stream, self._answer(payload[GRPC_PREFIX:], arrived_ns)))
        if self._unacknowledged > REFILL:
            out.append(_window(self._unacknowledged))
            self._unacknowledged = 0

    def _control(self, kind: int, flags: int, stream: bytes, payload: bytes, out: list[bytes]) -> None:
        if kind in (SETTINGS, PING) and not flags & ACK:
            out.append(frame(kind, ACK, stream, payload if kind == PING else b""))
        elif kind == RST_STREAM:
            self._bodies.pop(stream, None)


def _window(more: int) -> bytes:
    return frame(WINDOW_UPDATE, 0, bytes(4), more.to_bytes(4, "big"))
