"""One scorecard on a terminal: the verdict first, what differs marked, every RAW version, nothing wider than 80 columns."""

import io

from evidence import NAME, RULES, snapshot
from planted import PLANTED, WHOLE, replacing
from rich.console import Console

from harness.check.judgement import judged
from harness.model import ClickHouseRows, Scorecard, Snapshot
from harness.report.snapshot import print_snapshot


def shown(look: Snapshot) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=80, markup=False, highlight=False)
    print_snapshot(look, judged(look, RULES), RULES, console)
    return [line.rstrip() for line in out.getvalue().splitlines()]


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
