"""What the service makes of stores that fail, and of a caller who gives up."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import grpc
import pytest
from breakable_links import postgres_link
from reference_service import Service, Stores, reference_service, service_config, until

from harness.errors import ChildError
from harness.process import Child


async def test_while_postgres_is_away_calls_are_unavailable_and_afterwards_they_work(
    stores: Stores, tmp_path: Path, scorecard_id: str
) -> None:
    async with (
        postgres_link(stores.stack.postgres_dsn) as link,
        reference_service(stores.stack, tmp_path / "log", postgres_dsn=link.dsn) as service,
    ):
        created = await service.create(scorecard_id)
        await link.cut()
        for call in (service.get(scorecard_id), service.create(), service.submit(scorecard_id)):
            assert await call.code() is grpc.StatusCode.UNAVAILABLE
            assert "PostgreSQL cannot be reached" in await call.details()
        await link.mend()
        assert await service.get(scorecard_id) == created
        assert (await service.submit(scorecard_id)).submitter == "coach"


async def test_sessions_that_postgres_ends_do_not_outlive_it(fix3: Service, stores: Stores, scorecard_id: str) -> None:
    created = await fix3.create(scorecard_id)
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
    codes = set()
    for _ in range(5):
        await asyncio.gather(*(fix3.get(scorecard_id) for _ in range(20)))
        await stores.postgres.fetch(others)
        codes |= {await fix3.get(scorecard_id).code() for _ in range(40)}
    assert codes <= {grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE}
    assert await fix3.get(scorecard_id) == created


@pytest.mark.parametrize("behaviour", ["fix3", "as_found"])
async def test_a_write_that_was_committed_is_copied_though_its_caller_gave_up(
    stores: Stores, tmp_path: Path, scorecard_id: str, behaviour: str
) -> None:
    async with (
        postgres_link(stores.stack.postgres_dsn) as link,
        reference_service(stores.stack, tmp_path / "log", postgres_dsn=link.dsn, behaviour=behaviour) as service,
    ):
        await service.create(scorecard_id)
        await service.settled(scorecard_id)
        link.hold_after = b"COMMIT"
        call = service.submit(scorecard_id)
        await link.holding.wait()

        async def committed() -> bool:
            return (await stores.row(scorecard_id))["submitted_at"] is not None

        await until(committed)
        call.cancel()
        await service.outstanding()  # goes the same way, so that the service has been told
        link.answers.set()

        async def copied() -> bool:
            return [row["submitter_user_id"] for row in await stores.final("scorecards", scorecard_id)] == ["coach"]

        await until(copied)
        assert await copied()


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("behaviour", "fix9", "behaviour"),
        ("latency", {"sigma": -1}, "sigma"),
        ("colour", "red", "colour"),
        ("postgres_dsn", "postgresql://harness:wrong@127.0.0.1:1/coaching", "PostgreSQL"),
        ("clickhouse_url", "http://harness:wrong@127.0.0.1:1/coaching", "ClickHouse"),
    ],
)
async def test_a_service_that_cannot_start_says_why_in_one_line(
    stores: Stores, tmp_path: Path, key: str, value: object, words: str
) -> None:
    with pytest.raises(ChildError) as failed:
        await Child.start("harness.service", service_config(stores.stack) | {key: value}, tmp_path / "log")
    message = str(failed.value)
    assert words in message
    assert "\n" not in message
    assert "wrong" not in message
    assert "ended unexpectedly" not in message


@pytest.mark.parametrize(("key", "words"), [("postgres_dsn", "PostgreSQL"), ("clickhouse_url", "ClickHouse")])
async def test_a_service_that_a_store_refuses_says_so_in_one_line(
    stores: Stores, tmp_path: Path, key: str, words: str
) -> None:
    url = str(service_config(stores.stack)[key])
    password = urlsplit(url).password
    assert password is not None
    refused = url.replace(password, "not-the-password")
    with pytest.raises(ChildError) as failed:
        await Child.start("harness.service", service_config(stores.stack) | {key: refused}, tmp_path / "log")
    message = str(failed.value)
    assert message.startswith(f"the reference service cannot use {words}: ")
    assert "\n" not in message
    assert "not-the-password" not in message
