"""The channel to the target: opened, secured, and tried before anything is measured on it."""

from dataclasses import dataclass
from pathlib import Path

import grpc

from harness.drive.auth import Bearer
from harness.drive.target import Target
from harness.errors import TargetError, UsageError
from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import CoachingServiceStub
from harness.proto.harness.reference.v1 import copies_pb2
from harness.proto.harness.reference.v1.copies_pb2_grpc import CopiesStub

PREFLIGHT_TIMEOUT_S = 10.0
OPTIONS = (
    # Retries inside the channel would fire a call again behind the schedule's back.
    ("grpc.enable_retries", 0),
    ("grpc.keepalive_time_ms", 30_000),
    # Each channel has a connection of its own: two channels of one process would share one.
    ("grpc.use_local_subchannel_pool", 1),
)


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """What the target says of itself."""

    version: str
    reports_copies: bool
    """It can tell which copies are still outstanding, as the reference service does."""


def open_channel(target: Target) -> grpc.aio.Channel:
    """Return a channel to the target; nothing is sent yet. Raises UsageError for a CA file that cannot be read."""
    if not target.secure:
        return grpc.aio.insecure_channel(target.address, OPTIONS)
    roots = None
    if target.ca_file is not None:
        try:
            roots = Path(target.ca_file).read_bytes()
        except OSError as error:
            raise UsageError(f"CA file {target.ca_file} cannot be read: {error}") from None
    return grpc.aio.secure_channel(target.address, grpc.ssl_channel_credentials(roots), OPTIONS)


async def try_target(channel: grpc.aio.Channel, target: Target, bearer: Bearer, parent: str) -> TargetFacts:
    """Ask the target for a scorecard that is not there, which shows that it is up, the right service, and takes the token.

    `parent` is `customers/C/profiles/P`. Raises TargetError.
    """
    try:
        request = pb.GetScorecardRequest(name=f"{parent}/scorecards/harness-preflight")
        await CoachingServiceStub(channel).GetScorecard(request, metadata=bearer.metadata, timeout=PREFLIGHT_TIMEOUT_S)
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.NOT_FOUND:
            raise TargetError(_explain(error, target)) from None
    return await _describe(channel, bearer)


async def _describe(channel: grpc.aio.Channel, bearer: Bearer) -> TargetFacts:
    try:
        answer = await CopiesStub(channel).Describe(
            copies_pb2.DescribeRequest(), metadata=bearer.metadata, timeout=PREFLIGHT_TIMEOUT_S
        )
    except grpc.aio.AioRpcError:
        # Only the reference service has this call; any refusal means that this is not it.
        return TargetFacts(version="unknown", reports_copies=False)
    return TargetFacts(version=answer.version, reports_copies=True)


def _explain(error: grpc.aio.AioRpcError, target: Target) -> str:
    """Return one line that says what is wrong with the target and how to mend it."""
    code, detail = error.code(), (error.details() or "").strip()
    where = f"target {target.address}"
    if code is grpc.StatusCode.UNAUTHENTICATED:
        return f"{where} refused the bearer token: {detail}; give one by --token, --token-file or --token-command"
    if code is grpc.StatusCode.PERMISSION_DENIED:
        return f"{where} denied permission: {detail}; has the token the right to this customer and profile?"
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return f"{where} answers, but offers no cresta.v1.coaching.CoachingService: is it the right address?"
    if code is grpc.StatusCode.UNAVAILABLE:
        secured = "with TLS (--tls off turns it off)" if target.secure else "without TLS (--tls on turns it on)"
        return f"{where} cannot be reached {secured}: {detail}"
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return f"{where} did not answer within {PREFLIGHT_TIMEOUT_S:.0f} s; is it up, and is the address right?"
    return f"{where} failed the first call with {code.name}: {detail}"
