"""What was written to both stores as the same scorecard is read from both as the same, whatever its values are."""

import uuid
from collections.abc import Iterable
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st
from observe_stores import US_PER_S, Analytics, Postgres

from harness.model import Header, Score, Scorecard, Versioned
from harness.observe.batch import StoreReaders
from harness.observe.names import ScorecardName

T = TypeVar("T")

# PostgreSQL's text holds neither NUL nor what UTF-8 cannot encode.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
TRICKY = st.sampled_from(
    ["", "\t", "\n", "\\", "\\N", "\\\\N", "NULL", "'", "a\\'b", "\r\n", " x ", "é", "e\u0301", "\U0001f600"]
)
TEXTS = TRICKY | TEXT
NUMBERS = (
    st.none() | st.sampled_from([0.0, -0.0, 0.1, 5e-324, 1.7976931348623157e308, 1e16]) | st.floats(allow_nan=True)
)
PARTS = TEXTS.filter(lambda part: "/" not in part)


def times_us(*, modern: bool) -> st.SearchStrategy[int]:
    """Return the instants that the engine's column can hold: DateTime64(6) those of 1900 to 2261, DateTime those of 1970 to 2106."""
    if modern:
        return st.integers(-2_208_988_800 * US_PER_S, 9_214_646_399 * US_PER_S + 999_999)
    return st.integers(0, (2**32 - 1) * US_PER_S + 999_999)


@st.composite
def scorecards(draw: st.DrawFn, *, modern: bool) -> Scorecard:
    times = times_us(modern=modern)
    overall, submitted = draw(NUMBERS), draw(st.none() | times)
    header = Header(draw(TEXTS), draw(TEXTS), draw(TEXTS), overall, submitted, draw(TEXTS), draw(times), draw(times))
    criteria = sorted(draw(st.sets(TEXTS, max_size=3)))
    values = NUMBERS, NUMBERS, st.none() | TEXTS, st.booleans(), st.booleans()
    return Scorecard(header, tuple(Score(criterion, *map(draw, values)) for criterion in criteria))


def in_whole_seconds(header: Header) -> Header:
    """Return what a DateTime column keeps."""
    submitted_us = header.submit_time_us
    return header._replace(
        submit_time_us=None if submitted_us is None else submitted_us // US_PER_S * US_PER_S,
        create_time_us=header.create_time_us // US_PER_S * US_PER_S,
        update_time_us=header.update_time_us // US_PER_S * US_PER_S,
    )


@given(data=st.data(), customer=PARTS, profile=PARTS)
@settings(max_examples=60, deadline=None)
async def test_equal_rows_are_read_equal(
    kept_postgres: Postgres,
    kept_clickhouse: Analytics,
    kept_readers: StoreReaders,
    data: st.DataObject,
    customer: str,
    profile: str,
) -> None:
    modern = kept_clickhouse.server.modern
    written = data.draw(scorecards(modern=modern))
    name = ScorecardName(customer or "c", profile or "p", uuid.uuid4().hex)
    await kept_postgres.write({name: written})
    await kept_clickhouse.write(name, [Versioned(written.header, 7)], [Versioned(score, 7) for score in written.scores])

    (snapshot,) = await kept_readers.read([str(name)])

    header = written.header if modern else in_whole_seconds(written.header)
    rows = snapshot.clickhouse
    # Compared by how they print: NaN is the same as NaN then, and -0.0 is not 0.0.
    assert repr(snapshot.postgres) == repr(written)
    assert repr(rows.final_headers) == repr((Versioned(header, 7),)) == repr(_without_parts(rows.raw_headers))
    assert repr(rows.final_scores) == repr(tuple(Versioned(score, 7) for score in written.scores))
    assert repr(sorted(_without_parts(rows.raw_scores), key=lambda row: row.value.criterion)) == repr(
        list(rows.final_scores)
    )


def _without_parts(rows: Iterable[Versioned[T]]) -> tuple[Versioned[T], ...]:
    return tuple(row._replace(part="") for row in rows)
