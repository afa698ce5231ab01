"""What an iteration's calls carry, and that each call's record says which of the updates it was."""

import grpc
from evidence import CONTENT, NAME
from fakes import FakeClock

from harness.drive.auth import Bearer
from harness.drive.client import CoachingClient, update_request
from harness.drive.target import TokenSource
from harness.model import Method


def test_an_update_carries_its_own_values_and_names_what_it_sets() -> None:
    for update in CONTENT.updates:
        request = update_request(NAME, update)
        assert request.scorecard.name == NAME
        assert request.scorecard.overall_score == update.overall_score
        assert [
            (one.criterion, one.numeric_value, one.ai_value, one.text_value, one.not_applicable, one.ai_scored)
            for one in request.scorecard.scores
        ] == list(update.scores)
        assert list(request.update_mask.paths) == ["overall_score", "scores"]


async def test_the_record_of_a_call_says_which_update_it_carried() -> None:
    async with grpc.aio.insecure_channel("unix:/nowhere") as channel:
        client = CoachingClient(channel, Bearer(TokenSource()), FakeClock(), timeout_s=5)
        flights = [
            client.make(Method.UPDATE, update_request(NAME, update), update=number)
            for number, update in enumerate(CONTENT.updates)
        ]
        for flight in flights:
            client.fire(flight, 0)
        calls = [(await client.settle(flight))[0] for flight in flights]
    assert [call.update for call in calls] == [0, 1, 2]
    assert {(call.method, call.code) for call in calls} == {(Method.UPDATE, "UNAVAILABLE")}
