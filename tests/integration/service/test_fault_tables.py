"""The faults in how ClickHouse keeps its tables: what the engine itself makes of correct copies."""

import aiohttp
import grpc
import pytest
from planted_pieces import Make, Pieces
from reference_service import PARENT, Stores, draft, until

from harness.embedded.stack import ServiceConfig, StackConfig, embedded_stack
from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.proto.cresta.v1.coaching.coaching_service_pb2_grpc import CoachingServiceStub
from harness.proto.harness.reference.v1 import copies_pb2
from harness.proto.harness.reference.v1.copies_pb2_grpc import CopiesStub
from harness.scenario import CopyLatency, FaultName


async def in_order(service: Pieces) -> None:
    """Create, update and submit, each copy landing before the next call."""
    await service.created()
    await service.land(await service.update())
    await service.land(await service.submit())


async def scores_in(stores: Stores, url: str, scorecard_id: str) -> list[list[str]]:
    """Return version and tombstone of each score of one criterion, in the order of insertion."""
    table = f"{url.rpartition('/')[2]}.scores"
    block = "toUInt64(extract(_part, '_([0-9]+)_[0-9]+_[0-9]+'))"
    where = f"WHERE scorecard_id = '{scorecard_id}' AND criterion_id = 'a'"
    text = await stores.ask(f"SELECT version, deleted FROM {table} {where} ORDER BY {block}")
    return [line.split("\t") for line in text.splitlines()]


async def test_the_engine_drops_a_block_that_it_has_seen(planted: Make, stores: Stores, clickhouse_url: str) -> None:
    async with planted(FaultName.BLOCK_DEDUPLICATION, url=clickhouse_url) as service:
        await in_order(service)
        assert service.affected() == [FaultName.BLOCK_DEDUPLICATION]
    # Create's, which Update takes out; Update's (A), which Submit takes out (B); that Submit put them in again is not to be seen.
    expected = [["1", "0"], ["1", "1"], ["2", "0"], ["2", "1"]]
    assert await scores_in(stores, clickhouse_url, service.key.scorecard_id) == expected


async def test_without_its_window_the_same_inserts_are_right(planted: Make, stores: Stores) -> None:
    """The tables of all the other tests have no window."""
    async with planted(FaultName.BLOCK_DEDUPLICATION) as service:
        await in_order(service)
    name = service.key.scorecard_id
    expected = [["1", "0"], ["1", "1"], ["2", "0"], ["2", "1"], ["2", "0"]]
    assert await scores_in(stores, stores.stack.clickhouse_url, name) == expected
    assert await stores.differing([name]) == []


@pytest.mark.parametrize(("faults", "shown"), [((FaultName.PARTITION_BY_STATUS,), ["", "coach"]), ((), ["coach"])])
async def test_final_of_each_partition_shows_the_draft_beside_the_submitted(
    faults: tuple[FaultName, ...], shown: list[str]
) -> None:
    """Seen by the reader that the harness reads with, whose settings are the fault's other half."""
    service = ServiceConfig("cure", 1, CopyLatency().model_dump(), faults)
    async with embedded_stack(StackConfig(service=service)) as stack:
        assert stack.target is not None
        metadata = (("authorization", f"Bearer {stack.token}"),)
        async with grpc.aio.insecure_channel(stack.target) as channel:
            coaching, copies = CoachingServiceStub(channel), CopiesStub(channel)  # type: ignore[no-untyped-call]
            request = pb.CreateScorecardRequest(parent=PARENT, scorecard_id="one", scorecard=draft())
            name = (await coaching.CreateScorecard(request, metadata=metadata)).name
            await coaching.SubmitScorecard(pb.SubmitScorecardRequest(name=name, submitter="coach"), metadata=metadata)
            names = {"names": [name]}

            async def settled() -> bool:
                request = copies_pb2.ListOutstandingRequest(**names)
                return not (await copies.ListOutstanding(request, metadata=metadata)).names

            await until(settled)
            told = await copies.ListAffected(copies_pb2.ListAffectedRequest(**names), metadata=metadata)
        async with aiohttp.ClientSession() as session:
            database = {"database": "coaching"}
            query = "SELECT submitter_user_id FROM scorecards FINAL ORDER BY submitter_user_id"
            async with session.post(
                stack.clickhouse_reader_url.rpartition("/")[0], params=database, data=query
            ) as answer:
                text = await answer.text()
    assert [list(one.faults) for one in told.affected] == [[fault] for fault in faults]
    assert text.split("\n")[:-1] == shown
