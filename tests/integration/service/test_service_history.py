"""The audit rows: in the transaction from fix2 on, after it as found."""

import uuid
from collections.abc import AsyncIterator

import grpc
import pytest
from reference_service import Service, Stores, lock_waiters, locked_history

from harness.scenario import BehaviourName

REFUSED_CREATOR = "the auditor refuses this one"
FAIL = f"""
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit table is full'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON historic_scorecards
        FOR EACH ROW WHEN (NEW.creator = '{REFUSED_CREATOR}') EXECUTE FUNCTION refuse();
    CREATE FUNCTION refuse_late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused at the commit'; END $$;
    CREATE CONSTRAINT TRIGGER refuse_late AFTER INSERT OR UPDATE ON scorecards DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.template = 'refused at the commit') EXECUTE FUNCTION refuse_late();
"""
MEND = """
    DROP TRIGGER refuse ON historic_scorecards; DROP FUNCTION refuse();
    DROP TRIGGER refuse_late ON scorecards; DROP FUNCTION refuse_late();
"""


@pytest.fixture(params=["outbox", "cure", "fix3", "fix2"])
def atomic(request: pytest.FixtureRequest) -> Service:
    """A service whose audit rows belong to the transaction."""
    service: Service = request.getfixturevalue(request.param)
    return service


@pytest.fixture
async def broken_audit(fix3: Service, stores: Stores) -> AsyncIterator[None]:
    """Audit rows of one creator fail, and so does the commit of one template."""
    await stores.postgres.execute(FAIL)
    yield
    await stores.postgres.execute(MEND)


async def fails(call: grpc.aio.Call) -> str:
    assert await call.code() is grpc.StatusCode.INTERNAL
    return str(await call.details())


def test_the_behaviours_here_are_those_there_are() -> None:
    assert set(BehaviourName) == {"as_found", "fix1", "fix2", "fix3", "cure", "outbox"}


async def test_each_write_leaves_the_scorecard_as_it_made_it(
    service: Service, stores: Stores, scorecard_id: str
) -> None:
    await service.create(scorecard_id)
    await service.update(scorecard_id, overall_score=2.5, scores=[{"criterion": "b", "numeric_value": 3}])
    submitted = await service.submit(scorecard_id)
    created_row, updated_row, submitted_row = await stores.history(scorecard_id)
    kept = [
        (row["method"], row["overall_score"], row["submitter_user_id"], row["scores"])
        for row in (created_row, updated_row, submitted_row)
    ]
    assert kept == [
        ("CreateScorecard", 1.5, "", {"a": 1, "b": None}),
        ("UpdateScorecard", 2.5, "", {"a": 1, "b": 3}),
        ("SubmitScorecard", 2.5, "coach", {"a": 1, "b": 3}),
    ]
    now = await stores.row(scorecard_id)
    assert {name: submitted_row[name] for name in now} == now
    assert submitted.submitter == now["submitter_user_id"]


async def test_a_scorecard_without_scores_has_its_history_too(
    service: Service, stores: Stores, scorecard_id: str
) -> None:
    await service.create(scorecard_id, scores=[])
    assert [row["scores"] for row in await stores.history(scorecard_id)] == [{}]


async def test_a_refused_call_leaves_none(service: Service, stores: Stores, scorecard_id: str) -> None:
    await service.create(scorecard_id)
    await service.create(scorecard_id).code()
    await service.update(scorecard_id, "agent", etag="stale").code()
    assert len(await stores.history(scorecard_id)) == 1


async def test_inside_the_transaction_nobody_sees_the_change_before_the_audit_rows(
    atomic: Service, stores: Stores, scorecard_id: str
) -> None:
    await atomic.create(scorecard_id)
    async with locked_history(stores.stack):
        call = atomic.update(scorecard_id, agent="another")
        await lock_waiters(stores.postgres, 1)
        assert (await stores.row(scorecard_id))["agent"] == "agent"
    assert (await call).agent == "another"
    assert (await stores.row(scorecard_id))["agent"] == "another"


async def test_as_found_the_change_is_there_before_the_audit_rows(
    as_found: Service, stores: Stores, scorecard_id: str
) -> None:
    await as_found.create(scorecard_id)
    async with locked_history(stores.stack):
        call = as_found.update(scorecard_id, agent="another")
        await lock_waiters(stores.postgres, 1)
        assert (await stores.row(scorecard_id))["agent"] == "another"
    await call
    assert [row["agent"] for row in await stores.history(scorecard_id)] == ["agent", "another"]


@pytest.mark.usefixtures("broken_audit")
async def test_inside_the_transaction_a_write_without_audit_rows_does_not_happen(
    atomic: Service, stores: Stores, scorecard_id: str
) -> None:
    created = await atomic.create(scorecard_id)
    assert "the audit table is full" in await fails(atomic.update(scorecard_id, creator=REFUSED_CREATOR))
    assert await atomic.get(scorecard_id) == created
    assert len(await stores.history(scorecard_id)) == 1


@pytest.mark.usefixtures("broken_audit")
async def test_as_found_a_write_may_lose_its_audit_rows(as_found: Service, stores: Stores, scorecard_id: str) -> None:
    await as_found.create(scorecard_id)
    assert "the audit table is full" in await fails(as_found.update(scorecard_id, creator=REFUSED_CREATOR))
    assert (await as_found.get(scorecard_id)).creator == REFUSED_CREATOR
    assert len(await stores.history(scorecard_id)) == 1


@pytest.mark.usefixtures("broken_audit")
async def test_a_rollback_leaves_no_audit_rows_and_no_copy(service: Service, stores: Stores, scorecard_id: str) -> None:
    await service.create(scorecard_id)
    other_id = uuid.uuid4().hex
    assert "refused at the commit" in await fails(service.update(scorecard_id, template="refused at the commit"))
    assert "refused at the commit" in await fails(service.create(other_id, template="refused at the commit"))
    await service.settled(scorecard_id, other_id)
    assert (await service.get(scorecard_id)).template == "template"
    assert (len(await stores.history(scorecard_id)), len(await stores.history(other_id))) == (1, 0)
    assert (len(await stores.raw("scorecards", scorecard_id)), len(await stores.raw("scorecards", other_id))) == (1, 0)
