"""Who is let in, and what is open to all."""

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from reference_service import AUTHORIZED, TOKEN, Service

from harness import __version__
from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.proto.harness.reference.v1 import copies_pb2

SERVICES = ("cresta.v1.coaching.CoachingService", "harness.reference.v1.Copies")
GET = pb.GetScorecardRequest(name="customers/c/profiles/p/scorecards/none")


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "Bearer ",
        "Bearer wrong",
        TOKEN[:5],
        f"Basic {TOKEN[:5]}",
        f"{AUTHORIZED[0][1]} ",
        f"{AUTHORIZED[0][1]}x",
        AUTHORIZED[0][1][:-1],
    ],
)
async def test_without_the_token_every_method_is_closed(fix3: Service, value: str | None) -> None:
    metadata = () if value is None else (("authorization", value),)
    for call in (
        fix3.coaching.GetScorecard(GET, metadata=metadata),
        fix3.coaching.SubmitScorecard(pb.SubmitScorecardRequest(), metadata=metadata),
        fix3.copies.Describe(copies_pb2.DescribeRequest(), metadata=metadata),
        fix3.copies.ListOutstanding(copies_pb2.ListOutstandingRequest(), metadata=metadata),
        fix3.copies.ListAffected(copies_pb2.ListAffectedRequest(), metadata=metadata),
    ):
        assert await call.code() is grpc.StatusCode.UNAUTHENTICATED
        assert "bearer token" in await call.details()
        assert TOKEN not in await call.details()


async def test_the_refusal_says_whether_a_token_came(fix3: Service) -> None:
    absent, wrong = (
        fix3.coaching.GetScorecard(GET),
        fix3.coaching.GetScorecard(GET, metadata=(("authorization", "no"),)),
    )
    assert await absent.details() != await wrong.details()


async def test_with_the_token_it_is_open(fix3: Service) -> None:
    assert await fix3.call("GetScorecard", GET).code() is grpc.StatusCode.NOT_FOUND


async def test_an_unknown_method_is_unimplemented(fix3: Service) -> None:
    call = fix3.channel.unary_unary(f"/{SERVICES[0]}/DeleteScorecard")(b"", metadata=AUTHORIZED)  # type: ignore[call-arg]
    assert await call.code() is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("service", ["", *SERVICES])
async def test_health_is_open_and_good(fix3: Service, service: str) -> None:
    stub = health_pb2_grpc.HealthStub(fix3.channel)
    answer = await stub.Check(health_pb2.HealthCheckRequest(service=service))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_health_does_not_know_other_services(fix3: Service) -> None:
    call = health_pb2_grpc.HealthStub(fix3.channel).Check(health_pb2.HealthCheckRequest(service="nobody's"))
    assert await call.code() is grpc.StatusCode.NOT_FOUND


async def test_reflection_is_open_and_tells_every_service(fix3: Service) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(fix3.channel)
    symbols = [reflection_pb2.ServerReflectionRequest(file_containing_symbol=name) for name in SERVICES]
    requests = [reflection_pb2.ServerReflectionRequest(list_services=""), *symbols]
    listed, *files = [answer async for answer in stub.ServerReflectionInfo(iter(requests))]
    names = {service.name for service in listed.list_services_response.service}
    assert names >= {*SERVICES, "grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}
    assert all(answer.file_descriptor_response.file_descriptor_proto for answer in files)


async def test_the_service_says_what_it_is(fix3: Service, as_found: Service) -> None:
    for service, behaviour in ((fix3, "fix3"), (as_found, "as_found")):
        described = await service.copies.Describe(copies_pb2.DescribeRequest(), metadata=AUTHORIZED)
        assert described.behaviour == behaviour
        assert described.version == f"reference-service {__version__} ({behaviour})"
