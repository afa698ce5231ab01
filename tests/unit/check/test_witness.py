"""What a reader is shown of the events that decide a cause."""

import math

import pytest
from evidence import CONTENT, RULES, call, rows, scorecard

from harness.check.anomalies import MAX_WITNESS, Event, EventKind
from harness.check.facts import Case, Facts, Written
from harness.check.witness import instant, witness_of
from harness.model import Call, CallOutcome, Header, Method, Scorecard, Versioned

HEADER = scorecard().header


def events(
    *raw: Versioned[Header], deciding: tuple[Versioned[Header], ...] = (), calls: tuple[Call, ...] | None = None
) -> tuple[Event, ...]:
    """The witness of a header with these versions."""
    held = rows(scorecard())._replace(raw_headers=raw)
    written = None if calls is None else Written(CONTENT, calls)
    facts = Facts(Case(scorecard(), held, RULES, written))
    return witness_of(facts, facts.header, deciding, "the rule")


def text_of(version: Versioned[Header]) -> str:
    (found,) = (event.text for event in events(version) if event.kind is EventKind.RAW)
    return found


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [
        (0, "1970-01-01 00:00:00.000000"),
        (1_700_000_000_123_456, "2023-11-14 22:13:20.123456"),
        (-1, "1969-12-31 23:59:59.999999"),
        (2**63 - 1, "infinity"),
        (-(2**63), "-infinity"),
        (math.inf, "infinity"),
        (-math.inf, "-infinity"),
    ],
)
def test_an_instant_is_told_in_utc_and_one_beyond_every_calendar_as_postgresql_calls_it(
    microseconds: float, text: str
) -> None:
    assert instant(microseconds) == text


def test_a_raw_version_tells_its_time_its_part_and_its_content() -> None:
    told = text_of(Versioned(HEADER, 1_700_000_000, part="all_1_1_0"))
    assert told.startswith("RAW version 1700000000 (2023-11-14 22:13:20.000000), part all_1_1_0: submitted by '")
    assert told.endswith(f", overall {CONTENT.updates[0].overall_score}")
    assert text_of(Versioned(HEADER, 7)).startswith("RAW version 7, merged away since: submitted by ")
    assert text_of(Versioned(HEADER, 7, deleted=True)).startswith("RAW version 7, merged away since: tombstone, subm")
    draft = scorecard(submitted=False).header
    assert text_of(Versioned(draft, 7)).startswith("RAW version 7, merged away since: draft, overall ")


@pytest.mark.parametrize(
    ("length", "shown"), [(38, f"'{'x' * 38}'"), (39, f"'{'x' * 36}..."), (400, f"'{'x' * 36}...")]
)
def test_a_text_gets_forty_characters(length: int, shown: str) -> None:
    told = text_of(Versioned(HEADER._replace(submitter="x" * length), 7))
    assert f"submitted by {shown}, overall" in told


def test_a_witness_has_the_rule_the_last_however_many_calls_there_were() -> None:
    calls = tuple(call(Method.UPDATE, at_ms, CallOutcome.REFUSED) for at_ms in range(2 * MAX_WITNESS))
    told = events(*(Versioned(HEADER, version) for version in range(5)), calls=calls)
    assert [event.kind for event in told] == [EventKind.CALL] * (MAX_WITNESS - 2) + [EventKind.COMMIT, EventKind.RULE]
    assert told[-1].text == "the rule"
    at_ms = [event.text.partition("started at ")[2].partition(" ")[0] for event in told if event.kind is EventKind.CALL]
    assert at_ms == ["0.000", "", "14.000", "15.000", "16.000", "17.000", "18.000", "19.000"]
    assert told[1].text == "13 calls more"


@pytest.mark.parametrize(
    ("deciding", "calls", "versions"), [(0, 8, 0), (1, 7, 1), (2, 6, 2), (4, 4, 4), (5, 4, 4), (20, 4, 4)]
)
def test_however_many_calls_there_were_the_versions_that_decide_are_shown(
    deciding: int, calls: int, versions: int
) -> None:
    raw = tuple(Versioned(HEADER._replace(agent=f"a{version}"), version) for version in range(20))
    told = events(*raw, deciding=raw[:deciding], calls=nine_writes())
    assert [event.kind for event in told] == [
        *[EventKind.CALL] * calls,
        EventKind.COMMIT,
        *[EventKind.RAW] * versions,
        EventKind.RULE,
    ]
    assert told[0].text.startswith("CreateScorecard ")
    assert told[1].text == f"{10 - calls + 1} calls more"
    assert told[calls - 1].text.startswith("SubmitScorecard ")


def nine_writes() -> tuple[Call, ...]:
    """Create, and as many calls as an iteration can have beside it."""
    return (
        call(Method.CREATE),
        *(call(Method.UPDATE, at_ms, update=at_ms % len(CONTENT.updates)) for at_ms in range(8)),
        call(Method.SUBMIT, 8),
    )


def test_calls_that_just_fit_are_all_told() -> None:
    raw = Versioned(HEADER, 1)
    calls = (call(Method.CREATE), *(call(Method.UPDATE, at_ms) for at_ms in range(6)))
    told = events(raw, deciding=(raw,), calls=calls)
    assert len(told) == MAX_WITNESS
    assert all("started at" in event.text for event in told[:7])


def test_of_several_updates_each_is_told_by_what_it_sets() -> None:
    first, second = (update.overall_score for update in CONTENT.updates[:2])
    calls = (call(Method.CREATE), call(Method.UPDATE, 10), call(Method.UPDATE, 12, update=1), call(Method.SUBMIT, 15))
    assert [event.text.partition(" started")[0] for event in events(calls=calls)][:4] == [
        "CreateScorecard",
        f"UpdateScorecard of overall {first}",
        f"UpdateScorecard of overall {second}",
        "SubmitScorecard",
    ]


def test_a_call_is_told_from_the_start_of_the_first() -> None:
    calls = (call(Method.CREATE, 5), call(Method.UPDATE, 15.5, CallOutcome.INDETERMINATE))
    assert [event.text for event in events(calls=calls)][:2] == [
        "CreateScorecard started at 0.000 ms, acknowledged (OK) after 1.000 ms",
        "UpdateScorecard started at 10.500 ms, indeterminate (DEADLINE_EXCEEDED) after 1.000 ms",
    ]


def test_the_deciding_versions_come_first_then_the_highest_and_all_are_told_in_their_order() -> None:
    raw = tuple(Versioned(HEADER._replace(agent=f"a{version}"), version) for version in range(20))
    told = events(*raw, deciding=(raw[3], raw[3]))
    # One line of PostgreSQL's last change and one of the rule leave room for eight.
    assert [event.text.split()[2].rstrip(",") for event in told if event.kind is EventKind.RAW] == [
        str(version) for version in (3, *range(13, 20))
    ]
    assert len(told) == MAX_WITNESS


def test_more_deciding_versions_than_there_is_room_for_are_cut() -> None:
    raw = tuple(Versioned(HEADER._replace(agent=f"a{version}"), version) for version in range(20))
    assert len(events(*raw, deciding=raw)) == MAX_WITNESS


def test_postgresqls_last_change_is_told_with_what_it_left() -> None:
    (commit,) = (event.text for event in events() if event.kind is EventKind.COMMIT)
    at = instant(HEADER.update_time_us)
    assert commit.startswith(f"PostgreSQL's row was last changed at {at}: submitted by '{CONTENT.submitter}', overall ")
    none = Facts(Case(None, rows(scorecard()), RULES))
    told = witness_of(none, none.header, (), "the rule")
    assert Event(EventKind.COMMIT, "PostgreSQL has no such row") in told


def test_a_score_is_told_by_its_criterion_number_and_text() -> None:
    card: Scorecard = scorecard()
    facts = Facts(Case(card, rows(card), RULES))
    told = witness_of(facts, facts.scores[0], (), "the rule")
    one = card.scores[0]
    assert told[1].text.endswith(f"score {one.criterion} = {one.numeric_value}, text {one.text_value!r}")
