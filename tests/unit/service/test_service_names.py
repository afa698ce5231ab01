"""Resource names, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.proto.cresta.v1.coaching import coaching_service_pb2 as pb
from harness.service.conversion import InvalidError, key_of, name_of, new_key
from harness.service.records import Key

PARENT = "customers/c/profiles/p"
PARTS = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1)


@given(st.builds(Key, PARTS, PARTS, PARTS))
def test_a_name_comes_back_as_its_key(key: Key) -> None:
    assert key_of(name_of(key)) == key


def test_a_name_is_written_as_callers_write_it() -> None:
    assert name_of(Key("c", "p", "s")) == f"{PARENT}/scorecards/s"


@pytest.mark.parametrize(
    "name",
    [
        "",
        PARENT,
        f"{PARENT}/scorecards/",
        f"{PARENT}/scorecards/s/",
        f"/{PARENT}/scorecards/s",
        f"{PARENT}/scorecards/s/t",
        f"{PARENT}/Scorecards/s",
        "customers//profiles/p/scorecards/s",
        "profiles/p/customers/c/scorecards/s",
        "s",
        f"{PARENT}/scorecards/\0",
        "customers/c\0/profiles/p/scorecards/s",
    ],
)
def test_what_is_no_name_is_refused_by_name(name: str) -> None:
    with pytest.raises(InvalidError, match=r"^name: "):
        key_of(name)


def test_the_caller_may_choose_the_id() -> None:
    request = pb.CreateScorecardRequest(parent=PARENT, scorecard_id="Az09._~-")
    assert new_key(request) == Key("c", "p", "Az09._~-")


def test_without_one_each_scorecard_gets_an_id_of_its_own() -> None:
    request = pb.CreateScorecardRequest(parent=PARENT)
    one, other = new_key(request), new_key(request)
    assert (one.customer_id, one.profile_id) == ("c", "p")
    assert one.scorecard_id != other.scorecard_id
    assert key_of(name_of(one)) == one


@pytest.mark.parametrize(
    "parent",
    ["", "customers/c", "customers/c/profiles/", f"{PARENT}/", f"{PARENT}/scorecards/s", "customers/c/profiles/\0"],
)
def test_what_is_no_parent_is_refused_by_name(parent: str) -> None:
    with pytest.raises(InvalidError, match=r"^parent: "):
        new_key(pb.CreateScorecardRequest(parent=parent))


@pytest.mark.parametrize("scorecard_id", ["a/b", "a b", "é", "a\n", "a" * 129, "\0"])
def test_what_is_no_id_is_refused_by_name(scorecard_id: str) -> None:
    with pytest.raises(InvalidError, match=r"^scorecard_id: "):
        new_key(pb.CreateScorecardRequest(parent=PARENT, scorecard_id=scorecard_id))
