"""What is typed in the wrong place is quoted in the error, but never with a password."""

import pytest
from commands import harness


@pytest.mark.parametrize(
    "arguments",
    [
        ("stack", "up", "--clickhouse", "http://u:s3cret@h:1/d"),
        ("stack", "up", "http://u:s3cret@h:1/d"),
        ("verify", "http://u:s3cret@h:1/d"),
        ("verify", "--name", "http://u:s3cret@h:1/d"),
        ("verify", "--all", "--since", "http://u:s3cret@h:1/d"),
        ("run", "--iterations", "http://u:s3cret@h:1/d"),
        ("run", "http://u:s3cret@h:1/d"),
    ],
)
def test_an_address_in_the_wrong_place_shows_no_password(arguments: tuple[str, ...]) -> None:
    ended = harness(*arguments)
    assert ended.code == 2
    assert "s3cret" not in ended.err + ended.out
