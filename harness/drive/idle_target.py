"""A target that does nothing but answer: `python -m harness.drive.idle_target`, a child as `harness.process` describes.

What a firing process can do is measured against it, so that no service of anyone's is loaded for that.
"""

from typing import Any

import grpc
import uvloop

from harness.process import Parent, serve
from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import (
    CoachingServiceServicer,
    add_CoachingServiceServicer_to_server,
)

ANSWER = pb.Scorecard(name="customers/harness/profiles/harness/scorecards/idle")


class IdleTarget(CoachingServiceServicer):
    """Answers each call with one scorecard."""

    async def CreateScorecard(self, request: Any, context: Any) -> pb.Scorecard:
        """Answer."""
        return ANSWER

    async def UpdateScorecard(self, request: Any, context: Any) -> pb.Scorecard:
        """Answer."""
        return ANSWER

    async def SubmitScorecard(self, request: Any, context: Any) -> pb.Scorecard:
        """Answer."""
        return ANSWER


async def work(_: dict[str, object], parent: Parent) -> None:
    """Answer calls until the parent is gone."""
    server = grpc.aio.server()
    add_CoachingServiceServicer_to_server(IdleTarget(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    parent.say({"ready": {"address": f"127.0.0.1:{port}"}})
    await parent.gone()
    await server.stop(None)


if __name__ == "__main__":
    uvloop.run(serve(work))
