"""Locust's side: a user with gRPC as Locust's own documentation builds one, headless and in this process.

It asks for what stands in `benchmarks/requirements.txt`, and may run under an interpreter that has no more than that. The pair is what
a careful user writes: the first call in a greenlet, `gevent.sleep(delay)`, the second call. Users are spread evenly over the period
at which each repeats, so that pairs arrive at the set rate and not in bursts: `constant_throughput` starts all users at once, and lets
each begin twice at first.
"""

# Locust is not installed where types are checked, and gRPC has none for gevent.
# mypy: disable-error-code="import-not-found,import-untyped,type-arg,untyped-decorator,misc"
# The order counts: Locust makes the standard library cooperative before gRPC is loaded, which then has to be told.
# ruff: noqa: I001
import itertools
import json
import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import locust
from locust.env import Environment
import gevent
import grpc
import grpc.experimental.gevent

from benchmarks.load_engine.messages import create_request, id_of, submit_request, update_request
from benchmarks.load_engine.segment import CALL_TIMEOUT_S, WARM_UP_CALLS, Job, Meter, Outcome, Pair, bind, claim
from harness.memory import keep_what_is_made
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import CoachingServiceStub

PERIOD_S = 0.2
"""How often a user repeats at most: longer than the longest delay and its answers, so that a user is free when it is to begin again."""
SETTLE_S = 0.2
"""In which all users are started, before the first of them fires; only where there is a rate."""


class Reporting(grpc.UnaryUnaryClientInterceptor):
    """Tells Locust of each call, as every Locust client has to."""

    def __init__(self, environment: Environment) -> None:
        self._fire = environment.events.request.fire

    def intercept_unary_unary(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        """Make one call and wait for it."""
        started_s = time.perf_counter()
        answer = continuation(details, request)
        error = answer.exception()
        elapsed_ms = (time.perf_counter() - started_s) * 1e3
        size = 0 if error else answer.result().ByteSize()
        self._fire(
            request_type="grpc", name=details.method, response_time=elapsed_ms, response_length=size, exception=error
        )
        return answer


class Shared:
    """What all users of the process share: the channel, the job, and what was fired."""

    def __init__(self, job: Job, environment: Environment) -> None:
        channel = grpc.insecure_channel(job.address)
        self.stub = CoachingServiceStub(grpc.intercept_channel(channel, Reporting(environment)))
        self.job = job
        self.numbers = iter(range(job.pairs))
        self.places = itertools.count()
        self.start_s = 0.0
        self.pairs: list[Pair] = []
        self.failed = 0
        self.done = gevent.event.Event()

    def fire(self, delay_ms: float) -> None:
        """Fire one pair and note when, or that a call of it failed."""
        try:
            self.pairs.append(self._fired(delay_ms))
        except grpc.RpcError:
            self.failed += 1
        if len(self.pairs) + self.failed == self.job.pairs:
            self.done.set()

    def _fired(self, delay_ms: float) -> Pair:
        intended_ns = time.monotonic_ns()
        name = self.stub.CreateScorecard(create_request(), timeout=CALL_TIMEOUT_S).name
        created_ns = time.monotonic_ns()
        update, submit = update_request(name), submit_request(name)
        started: list[int] = []

        def first() -> None:
            started.append(time.monotonic_ns())
            self.stub.UpdateScorecard(update, timeout=CALL_TIMEOUT_S)

        greenlet = gevent.spawn(first)
        gevent.sleep(delay_ms / 1e3)
        second_ns = time.monotonic_ns()
        self.stub.SubmitScorecard(submit, timeout=CALL_TIMEOUT_S)
        greenlet.get()
        instants = (intended_ns, created_ns, started[0], second_ns, time.monotonic_ns())
        return Pair(delay_ms, id_of(name), *instants)


def user_class(shared: Shared, users: int) -> type[locust.User]:
    """Return the user that fires the shared job's pairs."""
    rate_per_s = shared.job.rate_per_s

    class PairUser(locust.User):
        def on_start(self) -> None:
            """Wait for this user's place in the period."""
            self.next_s = shared.start_s + next(shared.places) / rate_per_s if rate_per_s else 0.0
            gevent.sleep(self.wait_time())

        def wait_time(self) -> float:
            """Return the time (s) until this user's next turn, which is past where it is late or nothing is paced."""
            left_s = max(0.0, self.next_s - time.monotonic())
            self.next_s += users / rate_per_s if rate_per_s else 0.0
            return left_s

        @locust.task
        def pair(self) -> None:
            """Fire the next pair, or end where there is none left."""
            number = next(shared.numbers, None)
            if number is None:
                raise locust.exception.StopUser
            shared.fire(shared.job.delay_ms(number))

    return PairUser


def run(job: Job) -> Outcome:
    """Do the job when standard input says so."""
    users = math.ceil(job.rate_per_s * PERIOD_S) if job.rate_per_s else job.in_flight
    environment = Environment()
    shared = Shared(job, environment)
    environment.user_classes = [user_class(shared, users)]
    runner = environment.create_local_runner()
    for _ in range(WARM_UP_CALLS):
        shared.stub.CreateScorecard(create_request(), timeout=CALL_TIMEOUT_S)
    scheduling = claim(job)
    keep_what_is_made()
    say({"ready": {}})
    sys.stdin.readline()
    meter = Meter()
    shared.start_s = time.monotonic() + SETTLE_S
    runner.start(users, spawn_rate=users)
    shared.done.wait()
    spent = meter.spent()
    runner.quit()
    return Outcome(shared.pairs, spent, scheduling, shared.failed)


def say(message: dict[str, Any]) -> None:
    """Write one JSON line to the parent."""
    os.write(OUT, json.dumps(message).encode() + b"\n")


def main() -> None:
    """Do one job, and wait for the end."""
    job = Job.of(json.loads(sys.stdin.readline()))
    bind(job.core)
    grpc.experimental.gevent.init_gevent()
    say(asdict(run(job)))
    sys.stdin.readline()


if __name__ == "__main__":
    # What Locust prints by accident must not reach the parent.
    OUT = os.dup(1)
    os.dup2(2, 1)
    main()
