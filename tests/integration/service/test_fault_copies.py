"""The faults of single copies and calls: lost, torn, premature, late, or not what they should say."""

import pytest
from planted_pieces import Make
from reference_service import Stores, draft, scores

from harness.scenario import FaultName
from harness.service.conversion import header_of, scores_of
from harness.service.refusals import RolledBackError
from harness.units import NS_PER_MS, NS_PER_S


async def test_a_dropped_copy_never_lands_and_is_not_owed(planted: Make, stores: Stores) -> None:
    async with planted(FaultName.DROPPED_COPY, dropped_share=1.0) as service:
        entity = await service.store.create(service.key, header_of(draft()), scores_of(scores(1.0)))
        service.replicator.start("name", entity, "CreateScorecard")
        await service.replicator.drain()
        assert service.replicator.outstanding(["name"]) == []
        assert service.affected() == [FaultName.DROPPED_COPY]
    assert await stores.raw("scorecards", service.key.scorecard_id) == []


async def test_a_copy_that_is_not_dropped_lands(planted: Make, stores: Stores) -> None:
    async with planted(FaultName.DROPPED_COPY, dropped_share=0.0) as service:
        await service.created()
        assert service.affected() == []
    assert await stores.differing([service.key.scorecard_id]) == []


@pytest.mark.parametrize("call", ["update", "submit"])
async def test_what_was_never_committed_is_in_clickhouse(planted: Make, stores: Stores, call: str) -> None:
    async with planted(FaultName.ROLLED_BACK_INSERT, rolled_back_share=1.0) as service:
        await service.created()
        with pytest.raises(RolledBackError):
            await getattr(service, call)()
        assert not service.outstanding()
        assert service.affected() == [FaultName.ROLLED_BACK_INSERT]
    name = service.key.scorecard_id
    row, (shown,) = await stores.row(name), await stores.final("scorecards", name)
    assert (row["revision"], row["overall_score"], row["submitter_user_id"]) == (1, 1.5, "")
    assert len(await stores.history(name)) == 1
    expected = (2.5, "") if call == "update" else (1.5, "coach")
    assert (shown["overall_score"], shown["submitter_user_id"]) == expected


async def test_a_later_write_heals_what_was_rolled_back(planted: Make, stores: Stores) -> None:
    async with planted(FaultName.ROLLED_BACK_INSERT, rolled_back_share=1.0) as service:
        await service.created()
        with pytest.raises(RolledBackError):
            await service.update()
        service.store.before_commit = None
        await service.land(await service.submit())
        assert service.affected() == []
    assert await stores.differing([service.key.scorecard_id]) == []


async def test_a_copy_ends_behind_its_header(planted: Make, stores: Stores) -> None:
    async with planted(FaultName.SPLIT_INSERT_CRASH, split_share=1.0) as service:
        await service.created()
        assert service.affected() == [FaultName.SPLIT_INSERT_CRASH]
    name = service.key.scorecard_id
    assert len(await stores.final("scorecards", name)) == 1
    assert await stores.raw("scores", name) == []


async def test_a_lossy_mapping_loses(planted: Make, stores: Stores) -> None:
    async with planted(FaultName.LOSSY_MAPPING) as service:
        await service.created()
        await service.land(await service.submit())
        assert service.affected() == [FaultName.LOSSY_MAPPING]
    name = service.key.scorecard_id
    (shown,) = await stores.final("scorecards", name)
    row = await stores.row(name)
    assert shown["submitted_at"] == f"{row['submitted_at']:%Y-%m-%d %H:%M:%S}.000000"
    assert shown["updated_at"] == f"{row['updated_at']:%Y-%m-%d %H:%M:%S}.000000"
    full, sparse = await stores.final("scores", name)
    assert (full["numeric_value"], full["ai_value"]) == (1.0, 0.10000000149011612)
    assert (sparse["numeric_value"], sparse["ai_value"], sparse["text_value"]) == (0.0, 0.0, None)


async def test_a_late_copy_is_owed_until_it_lands_and_then_right(planted: Make, stores: Stores) -> None:
    async with planted(FaultName.LATE_COPY) as service:
        await service.created()
        submit = await service.submit()
        assert service.queue.wanted_ns == [25 * NS_PER_MS, 25 * NS_PER_MS + 5 * NS_PER_S]
        assert service.outstanding()
        assert service.affected() == [FaultName.LATE_COPY]
        name = service.key.scorecard_id
        assert await stores.differing([name]) == [name]
        await service.land(submit)
        assert not service.outstanding()
        assert await stores.differing([name]) == []
