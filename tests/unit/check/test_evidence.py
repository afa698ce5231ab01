"""What earlier looks saw is kept, without its part and in the order of versions."""

from evidence import rows, scorecard

from harness.check.evidence import joined
from harness.model import ClickHouseRows, Versioned

HEADER, SCORE = scorecard().header, scorecard().scores[0]
OTHER = HEADER._replace(agent="another")


def look(*headers: Versioned, scores: tuple[Versioned, ...] = ()) -> ClickHouseRows:
    return rows(scorecard())._replace(raw_headers=headers, raw_scores=scores)


def test_no_look_has_seen_nothing_and_one_is_all_there_is() -> None:
    assert joined([]) == ClickHouseRows()
    only = look(Versioned(HEADER, 1))
    assert joined([only]) is only


def test_versions_that_merges_removed_stand_in_their_place_without_a_part() -> None:
    earlier = look(Versioned(HEADER, 1, part="all_1_1_0"), Versioned(HEADER, 3, part="all_2_2_0"))
    last = look(Versioned(OTHER, 2, part="all_3_3_0"), Versioned(HEADER, 3, part="all_1_2_1"))
    found = joined([earlier, last]).raw_headers
    assert [(row.version, row.part) for row in found] == [(1, ""), (2, "all_3_3_0"), (3, "all_1_2_1")]


def test_what_was_seen_often_counts_once_and_a_tie_twice() -> None:
    one, other = Versioned(HEADER, 1), Versioned(OTHER, 1)
    assert joined([look(one), look(one), look(one)]).raw_headers == (one,)
    # Of equal versions what is gone was inserted first.
    assert joined([look(one), look(one), look(other)]).raw_headers == (one, other)
    assert joined([look(one), look(one._replace(deleted=True))]).raw_headers == (one, one._replace(deleted=True))


def test_scores_are_kept_like_headers_and_final_is_the_last_looks() -> None:
    gone, there = Versioned(SCORE, 1), Versioned(SCORE._replace(numeric_value=0.5), 2)
    found = joined([look(scores=(gone,))._replace(final_headers=()), look(scores=(there,))])
    assert found.raw_scores == (gone, there)
    assert found.final_headers == rows(scorecard()).final_headers
