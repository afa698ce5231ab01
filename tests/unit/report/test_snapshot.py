"""One scorecard on a terminal: the verdict first, what differs marked, every RAW version, nothing wider than 80 columns."""

from fractions import Fraction

import pytest
from evidence import NAME, RULES, field_rules, rows, score, snapshot
from planted import PLANTED, WHOLE, replacing

from harness.check.fields import FieldRules
from harness.check.judgement import judged
from harness.model import ClickHouseRows, Scorecard, Snapshot
from harness.report.snapshot import exists, snapshot_lines


def shown(look: Snapshot, rules: FieldRules = RULES) -> list[str]:
    return [line.text for line in snapshot_lines(look, judged(look, rules), rules, 80)]


def marked(look: Snapshot, rules: FieldRules = RULES) -> dict[str, str]:
    """The mark of each line that has two sides, by its label."""
    lines = shown(look, rules)
    first = next(n for n, line in enumerate(lines) if "ClickHouse FINAL" in line) + 1
    return {line[3:].partition("  ")[0]: line[0] for line in map(folded, lines[first : lines.index("", first)])}


def folded(line: str) -> str:
    """A line with a field of a score at the margin, so that its label ends at the next gap."""
    return line[:3] + line[3:].lstrip()


def look_at(case: str, postgres: Scorecard | None = None) -> Snapshot:
    planted = PLANTED[case]
    rows = replacing(planted.copies)
    return Snapshot(NAME, 0, 1, planted.postgres if postgres is None else postgres, rows)


def test_the_cause_stands_before_the_fields_and_the_versions() -> None:
    lines = shown(look_at("version_inversion"))
    assert lines[0] == NAME
    assert lines[1].startswith("  DIFFER in ")
    assert lines[2].startswith("  CAUSE version_inversion: header: ")
    assert max(map(len, lines[1:])) <= 80
    place = {
        text: next(n for n, line in enumerate(lines) if text in line) for text in ("CAUSE", "PostgreSQL  ", "RAW, by")
    }
    assert sorted(place, key=lambda text: place[text]) == ["CAUSE", "PostgreSQL  ", "RAW, by"]


def test_a_field_that_differs_is_marked_and_one_that_does_not_is_not() -> None:
    lines = shown(look_at("version_inversion"))
    fields = {line.split()[1]: line[0] for line in lines if line[:1] in ("x", "=") and len(line.split()) > 1}
    assert (fields["submitter"], fields["template"]) == ("x", "=")


def test_each_raw_row_says_where_it_is_and_what_it_has_otherwise() -> None:
    lines = shown(look_at("version_inversion"))
    start = next(n for n, line in enumerate(lines) if "RAW, by" in line)
    assert lines[start].endswith("without what merges have removed")
    versions = [line for line in lines[start:] if line.startswith("  version ")]
    assert versions == ["  version 7", "  version 8", "  version 9"]
    right = lines.index("  version 8")
    assert lines[right + 1] == "    = header (block 1, part all_1_1_0)"
    wrong = lines.index("  version 9")
    assert "submit_time_us NULL" in " ".join(lines[wrong : wrong + 3])


def test_names_with_brackets_are_shown_as_they_are() -> None:
    odd = WHOLE._replace(scores=tuple(s._replace(criterion=f"[red]{s.criterion}") for s in WHOLE.scores))
    lines = shown(snapshot(0, odd))
    assert any(f"[red]{WHOLE.scores[0].criterion}" in line for line in lines)


def test_where_nothing_decides_that_is_said() -> None:
    assert any("CAUSE missing_row" in line for line in shown(snapshot(0, clickhouse=ClickHouseRows())))
    undecided = look_at("lost_propagation, by the calls")
    assert "  The evidence decides no cause." in shown(undecided)


def test_what_agrees_and_what_is_nowhere() -> None:
    assert shown(look_at("clean"))[1] == "  agree"
    nowhere = Snapshot(NAME, 0, 1, None, ClickHouseRows())
    assert shown(nowhere)[1] == "  NOT FOUND: neither store has this scorecard"
    assert shown(nowhere)[-2] == "  none"


def test_every_field_of_an_orphan_is_marked() -> None:
    marks = marked(Snapshot(NAME, 0, 1, None, rows(WHOLE)))
    assert set(marks.values()) == {"x"}
    assert marks.keys() >= {"scorecard", "template", "score count", WHOLE.scores[0].criterion, "numeric_value"}


def test_scores_that_are_orphans_are_marked_and_what_neither_store_has_is_not() -> None:
    orphans = rows(WHOLE)._replace(final_headers=(), raw_headers=())
    look = Snapshot(NAME, 0, 1, None, orphans)
    marks = marked(look)
    assert (marks["scorecard"], marks["template"]) == ("=", "=")
    assert {marks[label] for label in ("score count", WHOLE.scores[0].criterion, "numeric_value")} == {"x"}
    assert exists(look)


def test_every_field_of_a_row_that_is_missing_is_marked() -> None:
    assert set(marked(Snapshot(NAME, 0, 1, WHOLE, ClickHouseRows())).values()) == {"x"}


def test_a_score_too_many_is_marked_with_the_count_and_its_fields() -> None:
    more = WHOLE._replace(scores=(*WHOLE.scores, score("zz")))
    lines = shown(Snapshot(NAME, 0, 1, WHOLE, rows(more)))
    count = len(WHOLE.scores)
    assert any(line.split() == ["x", "score", "count", str(count), str(count + 1)] for line in lines)
    start = next(n for n, line in enumerate(lines) if line.split() == ["x", "zz", "-", "1", "score"])
    assert {line[0] for line in lines[start : start + 6]} == {"x"}
    assert any(
        line.split() == ["=", "template", repr(WHOLE.header.template), repr(WHOLE.header.template)] for line in lines
    )


def test_two_rows_of_one_scorecard_are_counted() -> None:
    twice = rows(WHOLE)
    lines = shown(Snapshot(NAME, 0, 1, WHOLE, twice._replace(final_headers=twice.final_headers * 2)))
    assert any(line.split() == ["x", "scorecard", "1", "header", "2", "headers"] for line in lines)


def test_what_is_the_same_but_for_its_form_has_a_mark_of_its_own() -> None:
    seconds = field_rules(update_time_us="DateTime")
    cut = WHOLE._replace(header=WHOLE.header._replace(update_time_us=1_700_000_000_000_000))
    ours = WHOLE._replace(header=WHOLE.header._replace(update_time_us=1_700_000_000_000_001))
    look = Snapshot(NAME, 0, 1, ours, rows(cut))
    assert shown(look, seconds)[1] == "  agree"
    assert marked(look, seconds)["update_time_us"] == "~"


def test_a_field_that_is_not_compared_is_not_shown() -> None:
    other = WHOLE._replace(header=WHOLE.header._replace(agent=""))
    look = Snapshot(NAME, 0, 1, WHOLE, rows(other))
    assert marked(look)["agent"] == "x"
    assert "agent" not in marked(look, field_rules(frozenset({"agent"})))


@pytest.mark.parametrize("whole_us", [1_700_000_000_000_000, -1_000_001])
def test_instants_that_differ_below_the_microsecond_look_different(whole_us: int) -> None:
    fine = field_rules(update_time_us="DateTime64(9, 'UTC')")
    ours = WHOLE._replace(header=WHOLE.header._replace(update_time_us=whole_us))
    theirs = WHOLE._replace(header=WHOLE.header._replace(update_time_us=whole_us + Fraction(7, 1000)))
    (line,) = [
        line for line in shown(Snapshot(NAME, 0, 1, ours, rows(theirs)), fine) if line[3:].startswith("update_time")
    ]
    mark, _, _, ours_shown, _, theirs_shown = line.split()
    assert (mark, theirs_shown) == ("x", f"{ours_shown}007")


def test_no_name_steers_the_terminal_or_breaks_a_line() -> None:
    odd = WHOLE._replace(scores=(score("a\x1b[2J\nb\tc"), score("d\udcff", text_value="e\udcff\x1b")))
    look = Snapshot("customers/c/profiles/p/scorecards/\x1b]0;x\n", 0, 1, odd, ClickHouseRows())
    text = "\n".join(shown(look))
    assert text.replace("\n", "").isprintable()
    assert text.startswith(r"customers/c/profiles/p/scorecards/\x1b]0;x\n" + "\n")
    assert r"a\x1b[2J\nb\tc" in text
    assert r"d\xff" in text and r"'e\xff\x1b'" in text


def test_what_is_not_settled_is_not_judged() -> None:
    look = look_at("version_inversion")
    lines = [line.text for line in snapshot_lines(look, judged(look, RULES), RULES, 80, settled=False)]
    assert lines[1].startswith("  NOT SETTLED")
    assert not any("CAUSE" in line or "DIFFER" in line for line in lines)
    assert any(line.startswith("x") for line in lines)
