"""The calls themselves: fired without waiting, and what came of them."""

import asyncio
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from harness.clock import Clock
from harness.drive.auth import Bearer
from harness.model import Call, CallOutcome, Content, Method, Number, Score, Update
from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import CoachingServiceStub

UPDATED = FieldMask(paths=["overall_score", "scores"])
ENTERED_KEY = "x-handler-entered-ns"

# The codes by which a service says that it did nothing. Any other failure leaves open whether the call took effect.
REFUSALS = frozenset(
    {
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.ALREADY_EXISTS,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.OUT_OF_RANGE,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    }
)


@dataclass(slots=True)
class InFlight:
    """A call that was handed to the channel."""

    method: Method
    intended_ns: int
    started_ns: int
    rpc: Any
    update: int = 0
    finished_ns: int | None = None


class CoachingClient:
    """Fires CoachingService calls on one channel."""

    def __init__(self, channel: grpc.aio.Channel, bearer: Bearer, clock: Clock, timeout_s: float) -> None:
        self._stub = CoachingServiceStub(channel)
        self._bearer = bearer
        self._clock = clock
        self._timeout_s = timeout_s

    def fire(self, method: Method, request: Any, intended_ns: int, update: int = 0) -> InFlight:
        """Hand a call to the channel and return at once; it goes out as soon as the loop is yielded to.

        `intended_ns` is when the plan wanted it to start. `update` says of an Update which of its content's it carries.
        """
        start = getattr(self._stub, method)
        started_ns = self._clock.now_ns()
        rpc = start(request, timeout=self._timeout_s, metadata=self._bearer.metadata or None)
        flight = InFlight(method, intended_ns, started_ns, rpc, update)
        # Stamped by callback: whoever awaits the call may be busy with the second one when this answer arrives.
        rpc.add_done_callback(lambda _: self._stamp(flight))
        return flight

    async def settle(self, flight: InFlight) -> tuple[Call, Any]:
        """Wait for a call's answer; return its record, and the response or None."""
        response, code, detail, outcome = None, grpc.StatusCode.OK, "", CallOutcome.ACKNOWLEDGED
        try:
            response = await flight.rpc
        except grpc.aio.AioRpcError as error:
            code, detail = error.code(), error.details() or ""
            outcome = CallOutcome.REFUSED if code in REFUSALS else CallOutcome.INDETERMINATE
        entered_ns = await _entered_ns(flight.rpc)
        finished_ns = self._clock.now_ns() if flight.finished_ns is None else flight.finished_ns
        call = Call(
            flight.method,
            flight.intended_ns,
            flight.started_ns,
            finished_ns,
            code.name,
            detail,
            outcome,
            entered_ns,
            flight.update,
        )
        return call, response

    def _stamp(self, flight: InFlight) -> None:
        flight.finished_ns = self._clock.now_ns()


async def _entered_ns(rpc: Any) -> int | None:
    """Return the service's own instant of entering the handler, None where it does not report one."""
    try:
        for key, value in await rpc.trailing_metadata() or ():
            if key == ENTERED_KEY:
                return int(value)
    except (asyncio.CancelledError, grpc.aio.UsageError, ValueError):
        return None
    return None


def create_request(parent: str, content: Content) -> pb.CreateScorecardRequest:
    """Return the request that makes an iteration's draft under `customers/C/profiles/P`."""
    return pb.CreateScorecardRequest(
        parent=parent,
        scorecard=pb.Scorecard(
            template=content.template,
            agent=content.agent,
            creator=content.creator,
            overall_score=content.created_overall,
            scores=map(_score, content.created_scores),
        ),
    )


def update_request(name: str, update: Update) -> pb.UpdateScorecardRequest:
    """Return the request that gives every score the value that the update has for it."""
    return pb.UpdateScorecardRequest(
        scorecard=pb.Scorecard(name=name, overall_score=update.overall_score, scores=map(_score, update.scores)),
        update_mask=UPDATED,
    )


def submit_request(name: str, content: Content) -> pb.SubmitScorecardRequest:
    """Return the request that submits the scorecard."""
    return pb.SubmitScorecardRequest(name=name, submitter=content.submitter)


def _score(score: Score) -> pb.Score:
    return pb.Score(
        criterion=score.criterion,
        numeric_value=_double(score.numeric_value),
        ai_value=_double(score.ai_value),
        text_value=score.text_value,
        not_applicable=score.not_applicable,
        ai_scored=score.ai_scored,
    )


def _double(number: Number | None) -> float | None:
    """Return a number as the wire has it."""
    return None if number is None else float(number)
