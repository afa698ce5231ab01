"""A scorecard's resource name and its parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.observe.names import ScorecardName

PARTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1)


@given(customer=PARTS, profile=PARTS, scorecard=PARTS)
def test_every_name_is_told_back_as_it_was(customer: str, profile: str, scorecard: str) -> None:
    name = ScorecardName(customer, profile, scorecard)
    assert ScorecardName.parse(f"customers/{customer}/profiles/{profile}/scorecards/{scorecard}") == name
    assert ScorecardName.parse(str(name)) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "customers/c/profiles/p/scorecards/",
        "customers//profiles/p/scorecards/s",
        "customers/c/profiles/p/scorecards/s/",
        "customers/c/profiles/p/scorecards/s/scores/x",
        "/customers/c/profiles/p/scorecards/s",
        "customers/c/profiles/p",
        "Customers/c/profiles/p/scorecards/s",
        "profiles/p/customers/c/scorecards/s",
        "customers/c/profiles/p/scorecard/s",
        "s",
    ],
)
def test_what_is_no_name_is_bad_usage(name: str) -> None:
    with pytest.raises(UsageError) as raised:
        ScorecardName.parse(name)
    assert str(raised.value).startswith(f"{name!r} is not a scorecard's name")
    assert "customers/C/profiles/P/scorecards/ID" in str(raised.value)


@pytest.mark.parametrize("part", ["a\0b", "caf\udce9"])
def test_what_no_store_can_be_asked_for_is_bad_usage(part: str) -> None:
    """A NUL, and a byte of the command line that was no UTF-8."""
    for name in (ScorecardName(part, "p", "s"), ScorecardName("c", part, "s"), ScorecardName("c", "p", part)):
        with pytest.raises(UsageError, match="not a scorecard's name"):
            ScorecardName.parse(str(name))


def test_names_are_values() -> None:
    assert len({ScorecardName("c", "p", "s"), ScorecardName("c", "p", "s"), ScorecardName("p", "c", "s")}) == 2
