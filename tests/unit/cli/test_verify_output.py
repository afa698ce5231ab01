"""One scorecard as JSON: every value so that it can be told from any other."""

import json
from fractions import Fraction
from typing import Any

import pytest
from evidence import NAME, field_rules, rows, scorecard

from harness.check.judgement import judged
from harness.cli.verify_output import echo_json, scorecard_data
from harness.model import Snapshot


def printed(capsys: pytest.CaptureFixture[str], snapshot: Snapshot, **settled: bool) -> Any:
    rules = field_rules(update_time_us="DateTime64(9, 'UTC')")
    echo_json(scorecard_data(snapshot, judged(snapshot, rules), **settled))
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(("value", "word"), [(2**63 - 1, "infinity"), (-(2**63), "-infinity")])
def test_instants_without_end(value: int, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, Snapshot(NAME, 0, 1, scorecard(submit_time_us=value), rows(scorecard())))
    assert found["postgres"]["header"]["submit_time_us"] == word
    assert {a["postgres"] for a in found["anomalies"] if a["field"] == "submit_time_us"} == {word}


def test_an_instant_keeps_its_nanoseconds(capsys: pytest.CaptureFixture[str]) -> None:
    theirs = scorecard(update_time_us=Fraction(1_700_000_000_123_456_789, 1000))
    found = printed(capsys, Snapshot(NAME, 0, 1, scorecard(), rows(theirs)))
    (header,) = found["clickhouse"]["final_headers"]
    assert header["value"]["update_time_us"] == "1700000000123456.789"


def test_bytes_that_are_no_utf_8_are_shown_in_one_way(capsys: pytest.CaptureFixture[str]) -> None:
    echo = printed(capsys, Snapshot(NAME, 0, 1, scorecard(), rows(scorecard(submitter="s\udcff"))))
    assert "\\udcff" not in json.dumps(echo).replace("\\\\", "\\")
    assert echo["clickhouse"]["final_headers"][0]["value"]["submitter"] == r"s\xff"


def test_what_is_not_settled_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = Snapshot(NAME, 0, 1, scorecard(), rows(scorecard(submitted=False)))
    assert printed(capsys, snapshot)["settled"] is True
    assert printed(capsys, snapshot, settled=False)["settled"] is False
