"""The gRPC methods: each notes its entry, does its work in the store, starts its copy and answers."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import grpc

from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import CoachingServiceServicer
from harness.proto.harness.reference.v1 import copies_pb2
from harness.proto.harness.reference.v1.copies_pb2_grpc import CopiesServicer
from harness.service.conversion import (
    InvalidError,
    header_of,
    key_of,
    message_of,
    name_of,
    new_key,
    scores_of,
    submitter_of,
    update_of,
)
from harness.service.faults.planted import Planted
from harness.service.outbox import Outbox
from harness.service.records import Entity
from harness.service.refusals import (
    AlreadyExistsError,
    AlreadySubmittedError,
    NotFoundError,
    RolledBackError,
    StaleEtagError,
)
from harness.service.replicator import Replicator
from harness.service.store import Store

Context = grpc.aio.ServicerContext
ENTERED_KEY = "x-handler-entered-ns"
SEQUENCE_KEY = "x-handler-sequence"

DRAIN_TIMEOUT_S = 3.0
# The internal one is what a connection gives that the server has just ended, an operator's intervention what it says then.
CONNECTION_ERRORS = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
REFUSALS = {
    NotFoundError: (grpc.StatusCode.NOT_FOUND, "there is no such scorecard"),
    AlreadyExistsError: (grpc.StatusCode.ALREADY_EXISTS, "there is a scorecard of that name"),
    AlreadySubmittedError: (grpc.StatusCode.FAILED_PRECONDITION, "the scorecard is submitted already"),
    RolledBackError: (grpc.StatusCode.UNAVAILABLE, "the transaction did not come to its end"),
    StaleEtagError: (grpc.StatusCode.ABORTED, "the scorecard has changed since: its etag is another"),
}


class Coaching(CoachingServiceServicer):
    """CoachingService on the store."""

    def __init__(self, store: Store, replicator: Replicator | Outbox) -> None:
        self._store = store
        self._replicator = replicator
        self._sequence = itertools.count(1)
        self._writes: set[asyncio.Task[pb.Scorecard]] = set()

    async def CreateScorecard(self, request: pb.CreateScorecardRequest, context: Context) -> pb.Scorecard:
        """Create a draft."""
        async with self._entered(context):
            header, scores = header_of(request.scorecard), scores_of(request.scorecard.scores)
            return await self._finished(self._store.create(new_key(request), header, scores), "CreateScorecard")
        raise AssertionError

    async def GetScorecard(self, request: pb.GetScorecardRequest, context: Context) -> pb.Scorecard:
        """Return one scorecard."""
        async with self._entered(context):
            return message_of(await self._store.get(key_of(request.name)))
        raise AssertionError

    async def UpdateScorecard(self, request: pb.UpdateScorecardRequest, context: Context) -> pb.Scorecard:
        """Change the fields that the mask names."""
        async with self._entered(context):
            writing = self._store.update(key_of(request.scorecard.name), update_of(request))
            return await self._finished(writing, "UpdateScorecard")
        raise AssertionError

    async def SubmitScorecard(self, request: pb.SubmitScorecardRequest, context: Context) -> pb.Scorecard:
        """Mark a scorecard as submitted."""
        async with self._entered(context):
            writing = self._store.submit(key_of(request.name), submitter_of(request))
            return await self._finished(writing, "SubmitScorecard")
        raise AssertionError

    async def drain(self) -> None:
        """Wait until the writes are finished whose callers gave up, for a few seconds; those that hang are rolled back."""
        if not self._writes:
            return
        _, hanging = await asyncio.wait(self._writes, timeout=DRAIN_TIMEOUT_S)
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)

    async def _finished(self, writing: Coroutine[Any, Any, Entity], method: str) -> pb.Scorecard:
        """Return the answer to a write when it is committed and its copy started.

        The caller may give up meanwhile: what was committed owes its copy all the same, so the write is finished without it.
        """

        async def finish() -> pb.Scorecard:
            entity = await writing
            self._replicator.start(name_of(entity.key), entity, method)
            return message_of(entity)

        task = asyncio.create_task(finish())
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        return await asyncio.shield(task)

    @asynccontextmanager
    async def _entered(self, context: Context) -> AsyncIterator[None]:
        """Report when the handler was entered and as which of all, and map what goes wrong to a status."""
        entered = ((ENTERED_KEY, str(time.monotonic_ns())), (SEQUENCE_KEY, str(next(self._sequence))))
        context.set_trailing_metadata(entered)
        try:
            yield
        except InvalidError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error), entered)
        except tuple(REFUSALS) as error:
            await context.abort(*REFUSALS[type(error)], entered)
        except CONNECTION_ERRORS as error:
            await context.abort(grpc.StatusCode.UNAVAILABLE, f"PostgreSQL cannot be reached: {error}", entered)
        except asyncpg.PostgresError as error:
            await context.abort(grpc.StatusCode.INTERNAL, f"PostgreSQL failed: {error}", entered)


class Copies(CopiesServicer):
    """What the service tells of itself."""

    def __init__(self, replicator: Replicator | Outbox, planted: Planted, behaviour: str, version: str) -> None:
        self._replicator = replicator
        self._planted = planted
        self._behaviour = behaviour
        self._version = version

    async def Describe(self, request: copies_pb2.DescribeRequest, context: Context) -> copies_pb2.DescribeResponse:
        """Say what runs here."""
        what = ", ".join((self._behaviour, *self._planted.faults))
        version = f"reference-service {self._version} ({what})"
        return copies_pb2.DescribeResponse(version=version, behaviour=self._behaviour, faults=self._planted.faults)

    async def ListOutstanding(
        self, request: copies_pb2.ListOutstandingRequest, context: Any
    ) -> copies_pb2.ListOutstandingResponse:
        """Say which scorecards still owe ClickHouse a copy."""
        return copies_pb2.ListOutstandingResponse(names=self._replicator.outstanding(request.names))

    async def ListAffected(
        self, request: copies_pb2.ListAffectedRequest, context: Context
    ) -> copies_pb2.ListAffectedResponse:
        """Say on which scorecards a planted fault took effect."""
        try:
            faults = {name: self._planted.ledger.affected(key_of(name)) for name in request.names}
        except InvalidError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        affected = [copies_pb2.Affected(name=name, faults=found) for name, found in faults.items() if found]
        return copies_pb2.ListAffectedResponse(affected=affected)
