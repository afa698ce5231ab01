"""In which share of pairs does each planted fault take effect, and is what the service says of it what the stores show?

`python -m benchmarks.faults [--fault NAME ...] [--behaviour cure] [--api-delay 0,10,100] [--order submit_first] [--iterations N]`

For each fault a stack is started, pairs are fired, and when all copies have landed the service's own account (ListAffected) is held
against a comparison of the two stores. `both` are pairs in both; `only told` and `only seen` are in one of the two alone.
"""

import argparse
import asyncio
import random
from collections.abc import Iterable
from typing import Any

import grpc

from harness.check.anomalies import failures
from harness.check.fields import FieldRules
from harness.check.judgement import judged_all
from harness.clock import SystemClock
from harness.delays import parse_delays
from harness.drive.client import create_request, submit_request, update_request
from harness.drive.copies import OutstandingCopies, outstanding_copies
from harness.drive.target import Target, TokenSource
from harness.embedded.stack import Stack, StackConfig, embedded_stack
from harness.mapping import StoreMapping
from harness.model import Order
from harness.observe.batch import open_readers
from harness.places import service_config
from harness.plan.content import content_of
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import CoachingServiceStub
from harness.scenario import BehaviourName, FaultName, StackSettings

PARENT = "customers/benchmark/profiles/benchmark"
LEAD_S = 0.25
CHUNK = 500


class Pairs:
    """Fires pairs at one service."""

    def __init__(self, stub: Any, token: str, options: argparse.Namespace) -> None:
        self._stub = stub
        self._metadata = (("authorization", f"Bearer {token}"),)
        self._options = options
        self.refused = 0

    async def fire(self, delay_ms: float) -> list[str]:
        """Fire the pairs of one api-delay, open-loop; return the scorecards' names."""
        async with asyncio.TaskGroup() as group:
            tasks = []
            for number in range(self._options.iterations):
                tasks.append(group.create_task(self._pair(number, delay_ms)))
                await asyncio.sleep(1 / self._options.rate)
        return [task.result() for task in tasks]

    async def _pair(self, number: int, delay_ms: float) -> str:
        content = content_of(self._options.seed, number, 4)
        created = await self._stub.CreateScorecard(create_request(PARENT, content), metadata=self._metadata)
        name: str = created.name
        await asyncio.sleep(LEAD_S)
        calls = [
            lambda: self._stub.UpdateScorecard(update_request(name, content.updates[0]), metadata=self._metadata),
            lambda: self._stub.SubmitScorecard(submit_request(name, content), metadata=self._metadata),
        ]
        submit_first = self._options.order is Order.SUBMIT_FIRST
        if submit_first or (self._options.order is Order.RANDOM and random.Random(number).random() < 0.5):
            calls.reverse()
        first = asyncio.ensure_future(self._answered(calls[0]()))
        await SystemClock().sleep_until_exactly(SystemClock().now_ns() + round(delay_ms * 1e6))
        await asyncio.gather(first, self._answered(calls[1]()))
        return name

    async def _answered(self, call: Any) -> None:
        try:
            await call
        except grpc.aio.AioRpcError:
            self.refused += 1


async def differing(stack: Stack, names: list[str]) -> dict[str, str]:
    """Return the scorecards that differ between the stores, with the classes of what differs."""
    found = {}
    async with open_readers(
        stack.postgres_reader_dsn, stack.clickhouse_reader_url, StoreMapping(), SystemClock()
    ) as readers:
        rules = FieldRules.of(readers.types)
        for part in parts(names):
            snapshots = await readers.read(part)
            for snapshot, anomalies in zip(snapshots, map(failures, judged_all(snapshots, rules)), strict=True):
                if anomalies:
                    found[snapshot.scorecard] = "+".join(sorted({a.anomaly_class for a in anomalies}))
    return found


async def affected(copies: OutstandingCopies, names: list[str]) -> set[str]:
    """Return the scorecards on which a fault took effect, when none of them owes a copy any more."""
    for part in parts(names):
        while len(await copies.settled(part)) < len(part):  # noqa: ASYNC110 - it is asked over the network
            await asyncio.sleep(0.1)
    return {name for part in parts(names) for name in await copies.affected(part)}


def parts(names: list[str]) -> Iterable[list[str]]:
    """Return a list in pieces that one question holds."""
    return [names[place : place + CHUNK] for place in range(0, len(names), CHUNK)]


async def measure(faults: tuple[FaultName, ...], options: argparse.Namespace) -> None:
    """Measure one set of faults and print a line for each api-delay."""
    settings = StackSettings(behaviour=options.behaviour, faults=faults)
    config = StackConfig(service=service_config(settings, options.seed))
    async with embedded_stack(config) as stack:
        assert stack.target is not None and stack.token is not None
        target = Target(address=stack.target, token=TokenSource(token=stack.token))
        async with (
            grpc.aio.insecure_channel(stack.target) as channel,
            outstanding_copies(target) as copies,
        ):
            for delay_ms in options.api_delay:
                pairs = Pairs(CoachingServiceStub(channel), stack.token, options)  # type: ignore[no-untyped-call]
                names = await pairs.fire(delay_ms)
                told = await affected(copies, names)
                seen = await differing(stack, names)
                classes = sorted({*seen.values()}, key=[*seen.values()].count, reverse=True)[:2]
                print(
                    f"{'+'.join(faults) or 'none':20} {options.order:13} {delay_ms:5.0f} ms  n {len(names)}  refused {pairs.refused:3}"
                    f"  took effect {len(told) / len(names):6.1%}  both {len(told & seen.keys()):4}"
                    f"  only told {len(told - seen.keys()):4}  only seen {len(seen.keys() - told):4}  {' | '.join(classes)}",
                    flush=True,
                )


async def main(options: argparse.Namespace) -> None:
    """Measure each fault, and the clean control."""
    for fault in [None, *FaultName] if not options.fault else options.fault:
        await measure(() if fault is None else (FaultName(fault),), options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fault", action="append", choices=list(FaultName), help="default: each, and none")
    parser.add_argument("--behaviour", choices=list(BehaviourName), default=BehaviourName.CURE, type=BehaviourName)
    parser.add_argument("--api-delay", type=parse_delays, default=(0.0, 10.0, 100.0), help="ms, a list")
    parser.add_argument("--order", type=Order, choices=list(Order), default=Order.RANDOM)
    parser.add_argument("--iterations", type=int, default=100, help="pairs at each api-delay")
    parser.add_argument("--rate", type=float, default=20.0, help="pairs started per second")
    parser.add_argument("--seed", type=int, default=1)
    asyncio.run(main(parser.parse_args()))
