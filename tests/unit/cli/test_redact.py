"""Secrets do not reach what is shown and written."""

import pytest

from harness.cli.redact import redacted_command
from harness.redact import redacted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://u:s3cret@h:5432/d", "postgresql://u:***@h:5432/d"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        ("http://u:p%40ss@h:8123/d?x=1", "http://u:***@h:8123/d?x=1"),
        ("host=h password=s3cret dbname=d", "host=h password=*** dbname=d"),
        ("host=h password='two words' dbname=d", "host=h password=*** dbname=d"),
        ("postgresql://h/d?user=u&password=s3cret&x=1", "postgresql://h/d?user=u&password=***&x=1"),
    ],
)
def test_passwords(text: str, shown: str) -> None:
    assert redacted(text) == shown


def test_tokens_of_the_command_line() -> None:
    argv = [
        "/bin/harness",
        "run",
        "--token",
        "s3cret",
        "--token=s3cret",
        "--token-file",
        "f",
        "--pg",
        "postgresql://u:s3cret@h/d",
    ]
    shown = redacted_command(argv)
    assert "s3cret" not in shown
    assert shown == "harness run --token '***' '--token=***' --token-file f --pg 'postgresql://u:***@h/d'"
