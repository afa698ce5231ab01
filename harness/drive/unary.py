"""A unary call in two steps: made ahead, and handed over at its instant.

`grpc.aio` makes a call and hands it over in one step, and the making is most of it: some 30 us in which the second call of a pair has to
wait. So a call is made here on the core object that grpc.aio's own call is made on, with what the stub's method holds for it. That has no
public name. Where a release of grpcio has it otherwise, or the channel has interceptors, grpc.aio makes the call when it is handed over.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

import grpc

from harness.clock import Clock, grpc_deadline_s

CODES = {code.value[0]: code for code in grpc.StatusCode}
Metadata = tuple[tuple[str, str], ...]


class Answer(NamedTuple):
    """How a call ended; `response` is None where the code is not OK. `trailing` is the metadata that came with it."""

    response: Any
    code: grpc.StatusCode
    detail: str
    trailing: Iterable[tuple[str, str | bytes]]
    finished_ns: int


class Made(Protocol):
    """A call that was made and not yet handed over; one that never is costs nothing but its memory."""

    def start(self) -> None:
        """Hand the call to the loop, which sends it as soon as it is yielded to."""
        ...

    async def answer(self) -> Answer:
        """Wait for the end of a call that was started."""
        ...


class Maker(Protocol):
    """Makes calls of one method: `timeout_s` counts from `ahead_s` after now, when the call is going to be started."""

    def __call__(self, request: Any, metadata: Metadata, timeout_s: float, ahead_s: float = 0.0) -> Made:
        """Return a call with this request."""
        ...


def maker_of(method: Any, clock: Clock) -> Maker:
    """Return what makes calls of a stub's method."""
    try:
        return _CoreMaker(method, clock)
    except AttributeError:
        return lambda request, metadata, timeout_s, ahead_s=0.0: _PublicCall(
            method, request, metadata, timeout_s, clock
        )


class _CoreMaker:
    """Makes calls as grpc.aio's `UnaryUnaryCall` makes its own."""

    def __init__(self, method: Any, clock: Clock) -> None:
        """Raise AttributeError where the method does not hold what this needs."""
        if method._interceptors:
            raise AttributeError("interceptors see calls that grpc.aio makes, and no others")
        self._name: bytes = method._method
        self._handle: int = method._registered_call_handle
        self._new: Callable[..., Any] = method._channel.call
        self._loop: asyncio.AbstractEventLoop = method._loop
        self._serialize: Callable[[Any], bytes] = method._request_serializer
        self._deserialize: Callable[[bytes], Any] = method._response_deserializer
        self._clock = clock

    def __call__(self, request: Any, metadata: Metadata, timeout_s: float, ahead_s: float = 0.0) -> "_CoreCall":
        call = self._new(self._name, grpc_deadline_s(ahead_s + timeout_s), None, None, self._handle)
        return _CoreCall(call, self._serialize(request), metadata, self._deserialize, self._loop, self._clock)


class _CoreCall:
    """A call on gRPC's core."""

    __slots__ = ("_call", "_clock", "_deserialize", "_finished_ns", "_loop", "_metadata", "_request", "_task")

    def __init__(
        self,
        call: Any,
        request: bytes,
        metadata: Metadata,
        deserialize: Callable[[bytes], Any],
        loop: asyncio.AbstractEventLoop,
        clock: Clock,
    ) -> None:
        self._call, self._request, self._metadata = call, request, metadata
        self._deserialize, self._loop, self._clock = deserialize, loop, clock

    def start(self) -> None:
        # In a task, and not at once: sent one by one as answers come in, calls cost twice the CPU of those sent by one turn of the loop.
        self._task = self._loop.create_task(self._invoke())

    async def _invoke(self) -> bytes:
        try:
            response: bytes = await self._call.unary_unary(self._request, self._metadata, None)
        except asyncio.CancelledError:
            self._call.cancel("cancelled by the harness")
            raise
        # Here, and not where the answer is awaited: who awaits it may be busy with another call.
        self._finished_ns = self._clock.now_ns()
        return response

    async def answer(self) -> Answer:
        response = await self._task
        status = await self._call.status()
        if self._call.is_ok():
            message, code, detail = self._deserialize(response), grpc.StatusCode.OK, ""
        else:
            message, code, detail = None, CODES[status.code()], status.details() or ""
        return Answer(message, code, detail, status.trailing_metadata() or (), self._finished_ns)


class _PublicCall:
    """A call by grpc.aio's public interface, which makes it when it is handed over."""

    def __init__(self, method: Any, request: Any, metadata: Metadata, timeout_s: float, clock: Clock) -> None:
        self._method, self._request, self._metadata = method, request, metadata
        self._timeout_s, self._clock = timeout_s, clock
        self._finished_ns: int | None = None

    def start(self) -> None:
        self._rpc = self._method(self._request, timeout=self._timeout_s, metadata=self._metadata or None)
        self._rpc.add_done_callback(self._stamp)

    def _stamp(self, _: Any) -> None:
        self._finished_ns = self._clock.now_ns()

    async def answer(self) -> Answer:
        response, code, detail = None, grpc.StatusCode.OK, ""
        try:
            response = await self._rpc
        except grpc.aio.AioRpcError as error:
            code, detail = error.code(), error.details() or ""
        finished_ns = self._clock.now_ns() if self._finished_ns is None else self._finished_ns
        return Answer(response, code, detail, tuple(await self._rpc.trailing_metadata() or ()), finished_ns)
