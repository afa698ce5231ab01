"""The calls themselves: fired without waiting, and what came of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.field_mask_pb2 import FieldMask

from harness.clock import Clock
from harness.drive.auth import Bearer
from harness.drive.unary import Made, maker_of
from harness.model import Call, CallOutcome, Content, Method, Number, Score, Update
from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import CoachingServiceStub
from harness.units import NS_PER_S

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
class Flight:
    """A call: made, then handed to the channel."""

    method: Method
    update: int
    call: Made
    intended_ns: int = 0
    started_ns: int = 0


class CoachingClient:
    """Fires CoachingService calls on one channel."""

    def __init__(self, channel: grpc.aio.Channel, bearer: Bearer, clock: Clock, timeout_s: float) -> None:
        stub = CoachingServiceStub(channel)
        self._makers = {method: maker_of(getattr(stub, method), clock) for method in Method}
        self._bearer = bearer
        self.clock = clock
        self._timeout_s = timeout_s

    def make(self, method: Method, request: Any, update: int = 0, ahead_ns: int = 0) -> Flight:
        """Make a call that is to be fired `ahead_ns` from now; its deadline counts from then.

        `update` says of an Update which of its content's it carries.
        """
        call = self._makers[method](request, self._bearer.metadata, self._timeout_s, ahead_ns / NS_PER_S)
        return Flight(method, update, call)

    def fire(self, flight: Flight, intended_ns: int) -> None:
        """Hand a call to the channel and return at once; it goes out as soon as the loop is yielded to.

        `intended_ns` is when the plan wanted it to start.
        """
        flight.intended_ns, flight.started_ns = intended_ns, self.clock.now_ns()
        flight.call.start()

    async def settle(self, flight: Flight) -> tuple[Call, Any]:
        """Wait for a call's answer; return its record, and the response or None."""
        response, code, detail, trailing, finished_ns = await flight.call.answer()
        if code is grpc.StatusCode.OK:
            outcome = CallOutcome.ACKNOWLEDGED
        else:
            outcome = CallOutcome.REFUSED if code in REFUSALS else CallOutcome.INDETERMINATE
        call = Call(
            flight.method,
            flight.intended_ns,
            flight.started_ns,
            finished_ns,
            code.name,
            detail,
            outcome,
            _entered_ns(trailing),
            flight.update,
        )
        return call, response


def _entered_ns(trailing: Iterable[tuple[str, str | bytes]]) -> int | None:
    """Return the service's own instant of entering the handler, None where it does not report one."""
    for key, value in trailing:
        if key == ENTERED_KEY:
            try:
                return int(value)
            except ValueError:
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
