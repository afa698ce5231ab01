"""The calls of one iteration after Create, each started its offset after the start of the first, over what the topology says."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from harness.clock import Clock
from harness.drive.client import CoachingClient, submit_request, update_request
from harness.drive.peer_client import Peer
from harness.firing import Timing
from harness.model import Call, Content, Method
from harness.plan.schedule import PlannedCall, PlannedIteration
from harness.units import NS_PER_MS

# A call that another process makes is announced to it this long before the first may start.
NOTICE_NS = 10 * NS_PER_MS

Sleep = Callable[[int], Awaitable[None]]


class Writes(Protocol):
    """Whoever fires the calls of an iteration after Create."""

    async def fire(self, planned: PlannedIteration, name: str, content: Content, first_ns: int) -> tuple[Call, ...]:
        """Start the first call at `first_ns` or as soon as may be after it, the others their offsets after it; wait for all answers."""
        ...


def sleep_of(clock: Clock, timing: Timing) -> Sleep:
    """Return how to wait for the instant of a call."""
    return clock.sleep_until_exactly if timing is Timing.EXACT else clock.sleep_until


def request_of(call: PlannedCall, name: str, content: Content) -> Any:
    """Return what a call sends."""
    if call.method is Method.SUBMIT:
        return submit_request(name, content)
    return update_request(name, content.updates[call.update])


async def fire_at(
    client: CoachingClient, planned: PlannedCall, name: str, content: Content, instant_ns: int, sleep: Sleep
) -> Call:
    """Make a call now, start it at its instant or as soon as may be after it, and return its record when it was answered."""
    ahead_ns = max(0, instant_ns - client.clock.now_ns())
    flight = client.make(planned.method, request_of(planned, name, content), planned.update, ahead_ns)
    await sleep(instant_ns)
    client.fire(flight, instant_ns)
    call, _ = await client.settle(flight)
    return call


class OwnWrites:
    """Fires all calls from this process, in turn over one channel or two."""

    def __init__(self, clients: Sequence[CoachingClient], clock: Clock, timing: Timing) -> None:
        self._clients = clients
        self._clock = clock
        self._sleep = sleep_of(clock, timing)

    async def fire(self, planned: PlannedIteration, name: str, content: Content, first_ns: int) -> tuple[Call, ...]:
        """Fire the calls; the offsets count from the actual start of the first, whatever becomes of that one."""
        # All of them made before the first is due: a gap of 0 is then as short as handing over one call takes.
        ahead_ns = first_ns - self._clock.now_ns()
        flights = [
            self._client_of(number).make(
                call.method, request_of(call, name, content), call.update, max(0, ahead_ns + call.offset_ns)
            )
            for number, call in enumerate(planned.calls)
        ]
        # Coarse: the gaps are exact, where they begin is not.
        await self._clock.sleep_until(first_ns)
        for number, (call, flight) in enumerate(zip(planned.calls, flights, strict=True)):
            intended_ns = flights[0].started_ns + call.offset_ns if number else first_ns
            # Not even a look at the loop where the instant has come.
            if self._clock.now_ns() < intended_ns:
                await self._sleep(intended_ns)
            self._client_of(number).fire(flight, intended_ns)
        # One after the other: when each was answered is noted as it happens.
        return tuple([(await self._client_of(number).settle(flight))[0] for number, flight in enumerate(flights)])

    def _client_of(self, number: int) -> CoachingClient:
        return self._clients[number % len(self._clients)]


class SharedWrites:
    """Fires every other call from another process: both are told the instants beforehand, by the clock that they share."""

    def __init__(self, client: CoachingClient, peer: Peer, clock: Clock, timing: Timing) -> None:
        self._client = client
        self._peer = peer
        self._clock = clock
        self._sleep = sleep_of(clock, timing)

    async def fire(self, planned: PlannedIteration, name: str, content: Content, first_ns: int) -> tuple[Call, ...]:
        """Fire the calls; the first starts late enough for the other process to have heard of the second."""
        start_ns = max(first_ns, self._clock.now_ns() + NOTICE_NS)
        calls = [
            fire_at(self._client, call, name, content, start_ns + call.offset_ns, self._sleep)
            if number % 2 == 0
            else self._peer.fire(planned.iteration, number, call, name, start_ns + call.offset_ns)
            for number, call in enumerate(planned.calls)
        ]
        return tuple(await asyncio.gather(*calls))
