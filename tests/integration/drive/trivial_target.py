"""A CoachingService that does nothing but answer, on a real gRPC server, and notes what arrived when."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc

from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import (
    CoachingServiceServicer,
    add_CoachingServiceServicer_to_server,
)


@dataclass
class TrivialTarget(CoachingServiceServicer):  # type: ignore[misc]
    """Answers every call; `hang` names methods that never answer, `refuse` those that fail with a code, `slow` how many s others take."""

    hang: set[str] = field(default_factory=set)
    refuse: dict[str, grpc.StatusCode] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    token: str | None = None
    arrivals: list[tuple[str, str, int]] = field(default_factory=list)
    peers: dict[str, set[str]] = field(default_factory=dict)
    """Of each method, the connections over which it came."""
    created: int = 0
    given_up: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a client cancels a call that hangs."""

    async def CreateScorecard(self, request: Any, context: Any) -> pb.Scorecard:
        self.created += 1
        name = f"{request.parent}/scorecards/s{self.created}"
        await self._arrive("CreateScorecard", name, context)
        return pb.Scorecard(name=name)

    async def GetScorecard(self, request: Any, context: Any) -> pb.Scorecard:
        await self._arrive("GetScorecard", request.name, context)
        await context.abort(grpc.StatusCode.NOT_FOUND, "there is no such scorecard")

    async def UpdateScorecard(self, request: Any, context: Any) -> pb.Scorecard:
        await self._arrive("UpdateScorecard", request.scorecard.name, context)
        return pb.Scorecard()

    async def SubmitScorecard(self, request: Any, context: Any) -> pb.Scorecard:
        await self._arrive("SubmitScorecard", request.name, context)
        return pb.Scorecard()

    async def _arrive(self, method: str, name: str, context: Any) -> None:
        self.arrivals.append((method, name, time.monotonic_ns()))
        self.peers.setdefault(method, set()).add(context.peer())
        context.set_trailing_metadata((("x-handler-entered-ns", str(self.arrivals[-1][2])),))
        if self.token is not None and ("authorization", f"Bearer {self.token}") not in context.invocation_metadata():
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "the bearer token is not valid")
        if method in self.refuse:
            await context.abort(self.refuse[method], "told to")
        await asyncio.sleep(self.slow.get(method, 0))
        if method in self.hang:
            try:
                await asyncio.sleep(60)
            finally:
                self.given_up.set()


@asynccontextmanager
async def serving(target: TrivialTarget, credentials: grpc.ServerCredentials | None = None) -> AsyncIterator[str]:
    """Hold a server of the target on loopback; gives its address."""
    server = grpc.aio.server()
    add_CoachingServiceServicer_to_server(target, server)
    free = "127.0.0.1:0"
    port = server.add_insecure_port(free) if credentials is None else server.add_secure_port(free, credentials)
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)
