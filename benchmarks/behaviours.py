"""How long Update and Submit take with each behaviour: pairs fired at once, the behaviours in turn on the same stores.

Each behaviour's quantiles are shown with their ratio to the first one's.

`python -m benchmarks.behaviours fix3 cure outbox`
"""

import argparse
import asyncio
import random
import tempfile
import time
import uuid
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import grpc

from harness.drive.client import create_request, submit_request, update_request
from harness.embedded.stack import Stack, StackConfig, embedded_stack
from harness.plan.content import content_of
from harness.process import Child
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import CoachingServiceStub
from harness.scenario import BehaviourName, CopyLatency

PARENT = "customers/benchmark/profiles/benchmark"
TOKEN = uuid.uuid4().hex
METADATA = (("authorization", f"Bearer {TOKEN}"),)
LEAD_S = 0.1
BLOCK = 25
RESAMPLES = 500

Times = dict[str, list[float]]


async def service(stack: AsyncExitStack, stores: Stack, behaviour: str, log: Path) -> Any:
    """Start a service and return its stub."""
    places = {"postgres_dsn": stores.postgres_dsn, "clickhouse_url": stores.clickhouse_url}
    config = {"behaviour": behaviour, "seed": 1, "token": TOKEN, "latency": CopyLatency().model_dump()}
    child = await Child.start("harness.service", places | config, log)
    stack.push_async_callback(child.stop)
    channel = await stack.enter_async_context(grpc.aio.insecure_channel(child.ready["target"]))
    return CoachingServiceStub(channel)  # type: ignore[no-untyped-call]


async def timed(call: Any, method: str, times: Times) -> None:
    """Await a call and note how long it took, in ms."""
    started_ns = time.monotonic_ns()
    await call
    times[method].append((time.monotonic_ns() - started_ns) / 1e6)


async def pair(stub: Any, number: int, times: Times) -> None:
    """Create a scorecard, and then update and submit it at once, in either order."""
    content = content_of(1, number, 4)
    name = (await stub.CreateScorecard(create_request(PARENT, content), metadata=METADATA)).name
    await asyncio.sleep(LEAD_S)
    asked = update_request(name, content.updates[0])
    update = lambda: timed(stub.UpdateScorecard(asked, metadata=METADATA), "update", times)  # noqa: E731
    submit = lambda: timed(stub.SubmitScorecard(submit_request(name, content), metadata=METADATA), "submit", times)  # noqa: E731
    await asyncio.gather(*(call() for call in ((update, submit) if number % 2 else (submit, update))))


async def fire(stubs: dict[str, Any], options: argparse.Namespace, times: dict[str, Times]) -> None:
    """Fire all pairs open-loop, each behaviour's in turn, so that whatever slows the machine slows all alike."""
    rng = random.Random(1)
    async with asyncio.TaskGroup() as group:
        for number in range(options.pairs):
            for name in rng.sample(list(stubs), len(stubs)):
                group.create_task(pair(stubs[name], number, times[name]))
                await asyncio.sleep(1 / options.rate)


def quantile(values: list[float], percent: int) -> float:
    """Return a quantile of a list."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def ratio(values: list[float], to: list[float], percent: int) -> str:
    """Return the ratio of two quantiles with its 95 % interval, by a bootstrap of blocks: neighbours in time share what slows them."""
    rng = random.Random(1)
    starts = range(0, min(len(values), len(to)), BLOCK)
    found = []
    for _ in range(RESAMPLES):
        chosen = rng.choices(starts, k=len(starts))
        one, other = ([v for start in chosen for v in of[start : start + BLOCK]] for of in (values, to))
        found.append(quantile(one, percent) / quantile(other, percent))
    low, high = quantile(found, 2), quantile(found, 97)
    return f"{quantile(values, percent) / quantile(to, percent):.2f} ({low:.2f}-{high:.2f})"


async def main(options: argparse.Namespace) -> None:
    """Measure, and print one line a behaviour and method."""
    times: dict[str, Times] = {name: {"update": [], "submit": []} for name in options.behaviours}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stores = await stack.enter_async_context(embedded_stack(StackConfig(service=None)))
        stubs = {name: await service(stack, stores, name, folder / name) for name in options.behaviours}
        warm_up = argparse.Namespace(pairs=30, rate=options.rate)
        await fire(stubs, warm_up, {name: {"update": [], "submit": []} for name in stubs})
        await fire(stubs, options, times)
    first = options.behaviours[0]
    for method in ("update", "submit"):
        for name in options.behaviours:
            values, to = times[name][method], times[first][method]
            quantiles = "  ".join(f"p{percent} {quantile(values, percent):7.2f}" for percent in (50, 90, 99))
            ratios = "  ".join(f"p{percent} {ratio(values, to, percent)}" for percent in (50, 99))
            print(f"{method}  {name:9} n {len(values)}  {quantiles} ms   to {first}: {ratios}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("behaviours", nargs="+", choices=[name.value for name in BehaviourName])
    parser.add_argument("--pairs", type=int, default=1000, help="pairs of each behaviour")
    parser.add_argument("--rate", type=float, default=20.0, help="pairs started per second")
    asyncio.run(main(parser.parse_args()))
