"""The reference service's process: `python -m harness.service`, a child as `harness.process` describes."""

import gc
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import asyncpg
import grpc
import uvloop
from aiochclient import ChClientError
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from pydantic import BaseModel, ConfigDict, ValidationError

from harness import __version__
from harness.clock import SystemClock
from harness.errors import StoreError, UsageError
from harness.process import Parent, serve
from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import add_CoachingServiceServicer_to_server
from harness.proto.harness.reference.v1 import copies_pb2
from harness.proto.harness.reference.v1.copies_pb2_grpc import add_CopiesServicer_to_server
from harness.scenario import BehaviourName, CopyLatency, FaultName, FaultSettings
from harness.service.auth import BearerAuth
from harness.service.behaviours import BEHAVIOURS, Delivery
from harness.service.clickhouse_writer import ClickHouseWriter
from harness.service.copier import Copier
from harness.service.faults.changes import changed_behaviour, table_faults
from harness.service.faults.planted import Planted
from harness.service.outbox import Outbox
from harness.service.replicator import Replicator
from harness.service.servicer import Coaching, Copies
from harness.service.store import Store

GRACE_S = 2.0
COACHING = pb.DESCRIPTOR.services_by_name["CoachingService"].full_name
COPIES = copies_pb2.DESCRIPTOR.services_by_name["Copies"].full_name


class ServiceConfig(BaseModel):
    """What the parent hands over."""

    model_config = ConfigDict(extra="forbid")

    postgres_dsn: str
    clickhouse_url: str
    behaviour: BehaviourName
    seed: int
    token: str
    latency: CopyLatency
    faults: tuple[FaultName, ...] = ()
    fault_settings: FaultSettings = FaultSettings()


async def work(message: dict[str, Any], parent: Parent) -> None:
    """Serve until the parent is gone; then take no more calls and let the copies land."""
    config = _validated(message)
    behaviour = changed_behaviour(BEHAVIOURS[config.behaviour], config.faults)
    planted = Planted(config.faults, config.fault_settings, config.seed)
    async with AsyncExitStack() as stack:
        try:
            store = await stack.enter_async_context(Store.open(config.postgres_dsn, behaviour, planted))
        except (asyncpg.PostgresError, OSError) as error:
            raise StoreError(f"the reference service cannot use PostgreSQL: {error}") from None
        try:
            writing = ClickHouseWriter.open(config.clickhouse_url, table_faults(config.faults))
            writer = await stack.enter_async_context(writing)
        except (aiohttp.ClientError, ChClientError) as error:
            raise StoreError(f"the reference service cannot use ClickHouse: {error}") from None
        copier = Copier(writer, behaviour, planted)
        replicator: Replicator | Outbox
        if behaviour.delivery is Delivery.OUTBOX:
            relaying = Outbox.open(store, copier, config.latency, config.seed, SystemClock())
            replicator = await stack.enter_async_context(relaying)
        else:
            replicator = Replicator(store, copier, behaviour, config.latency, config.seed, SystemClock(), planted)
        if FaultName.ROLLED_BACK_INSERT in config.faults:
            store.before_commit = copier.write_before_commit
        stack.push_async_callback(replicator.drain)
        server = grpc.aio.server(interceptors=[BearerAuth(config.token)])
        coaching = Coaching(store, replicator)
        stack.push_async_callback(coaching.drain)
        await _add_services(server, coaching, Copies(replicator, planted, config.behaviour, __version__))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        stack.push_async_callback(server.stop, GRACE_S)
        gc.collect()
        gc.freeze()
        parent.say({"ready": {"target": f"127.0.0.1:{port}"}})
        await parent.gone()


def _validated(message: dict[str, Any]) -> ServiceConfig:
    """Return the configuration. Raises UsageError, naming the field but not its value, which may be a secret."""
    try:
        return ServiceConfig.model_validate(message)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise UsageError(f"the reference service's configuration: {field}: {first['msg']}") from None


async def _add_services(server: grpc.aio.Server, coaching: Coaching, copies: Copies) -> None:
    add_CoachingServiceServicer_to_server(coaching, server)
    add_CopiesServicer_to_server(copies, server)
    checks = health.aio.HealthServicer()  # type: ignore[attr-defined]
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    for service in ("", COACHING, COPIES):
        await checks.set(service, health_pb2.HealthCheckResponse.SERVING)
    names = (COACHING, COPIES, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server)


if __name__ == "__main__":
    uvloop.run(serve(work))
