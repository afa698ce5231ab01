"""The faults of a running service: what it says of them, and what a caller meets."""

from pathlib import Path
from typing import Any

import grpc
import pytest
from reference_service import AUTHORIZED, Service, Stores, name_of, reference_service, service_config

from harness import __version__
from harness.errors import ChildError
from harness.process import Child
from harness.proto.harness.reference.v1 import copies_pb2

CURE: dict[str, Any] = {"behaviour": "cure"}


async def affected(service: Service, *scorecard_ids: str) -> dict[str, list[str]]:
    request = copies_pb2.ListAffectedRequest(names=map(name_of, scorecard_ids))
    answer = await service.copies.ListAffected(request, metadata=AUTHORIZED)
    return {one.name: list(one.faults) for one in answer.affected}


async def test_the_service_names_its_faults(stores: Stores, tmp_path: Path) -> None:
    faults = ["dropped_copy", "lossy_mapping"]
    async with reference_service(stores.stack, tmp_path / "log", **CURE, faults=faults) as service:
        described = await service.copies.Describe(copies_pb2.DescribeRequest(), metadata=AUTHORIZED)
    assert described.version == f"reference-service {__version__} (cure, dropped_copy, lossy_mapping)"
    assert (described.behaviour, list(described.faults)) == ("cure", faults)


async def test_only_what_was_hit_is_affected(stores: Stores, tmp_path: Path, scorecard_id: str) -> None:
    hit, spared = scorecard_id, f"{scorecard_id}-spared"
    settings = {"faults": ["late_copy", "dropped_copy"], "fault_settings": {"late_s": 0.1}}
    async with reference_service(stores.stack, tmp_path / "log", **CURE, **settings) as service:
        for name in (hit, spared):
            await service.create(name)
        await service.submit(hit)
        assert await affected(service, hit, spared, "none") == {name_of(hit): ["late_copy"]}
        await service.settled(hit)
        assert await affected(service, spared) == {}


async def test_without_faults_nothing_is_affected(fix3: Service, scorecard_id: str) -> None:
    await fix3.create(scorecard_id)
    assert await affected(fix3, scorecard_id) == {}


async def test_what_is_no_name_is_refused(fix3: Service) -> None:
    call = fix3.copies.ListAffected(copies_pb2.ListAffectedRequest(names=["s"]), metadata=AUTHORIZED)
    assert await call.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_caller_cannot_know_of_a_rollback(stores: Stores, tmp_path: Path, scorecard_id: str) -> None:
    settings = {"faults": ["rolled_back_insert"], "fault_settings": {"rolled_back_share": 1}}
    async with reference_service(stores.stack, tmp_path / "log", **CURE, **settings) as service:
        await service.create(scorecard_id)
        assert await service.submit(scorecard_id).code() is grpc.StatusCode.UNAVAILABLE
        assert await affected(service, scorecard_id) == {name_of(scorecard_id): ["rolled_back_insert"]}
    assert (await stores.row(scorecard_id))["submitted_at"] is None


async def test_faults_that_exclude_one_another_are_told_at_the_start(stores: Stores, tmp_path: Path) -> None:
    config = service_config(stores.stack) | {"faults": ["second_version", "clock_skew"]}
    with pytest.raises(
        ChildError, match="second_version and clock_skew cannot be planted together: both set the version"
    ):
        await Child.start("harness.service", config, tmp_path / "log")
