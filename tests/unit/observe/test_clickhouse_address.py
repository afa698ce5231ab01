"""A ClickHouse URL and its parts; its password is nowhere to be seen."""

import pytest

from harness.errors import UsageError
from harness.observe.clickhouse_address import ClickHouseAddress


@pytest.mark.parametrize(
    ("url", "base_url", "user", "password", "database"),
    [
        ("http://u:p@h:1234/d", "http://h:1234/", "u", "p", "d"),
        ("http://h", "http://h:8123/", "default", "", "default"),
        ("https://h/", "https://h:8443/", "default", "", "default"),
        ("https://u@h/d", "https://h:8443/", "u", "", "d"),
        ("http://h:80/d/", "http://h:80/", "default", "", "d"),
        ("HTTP://Host/D", "http://host:8123/", "default", "", "D"),
        ("http://a%40b:p%3A%2F%25%20w@h/my%20db", "http://h:8123/", "a@b", "p:/% w", "my db"),
        ("http://u:a:b@h/d", "http://h:8123/", "u", "a:b", "d"),
        ("http://[::1]:8124/d", "http://[::1]:8124/", "default", "", "d"),
        ("http://[fe80::1]", "http://[fe80::1]:8123/", "default", "", "default"),
    ],
)
def test_the_parts(url: str, base_url: str, user: str, password: str, database: str) -> None:
    address = ClickHouseAddress.parse(url)
    assert (address.base_url, address.user, address.password, address.database) == (base_url, user, password, database)


def test_the_password_is_not_shown() -> None:
    address = ClickHouseAddress.parse("http://user:hunter2@h/d")
    assert "hunter2" not in f"{address} {address!r}"
    assert str(address) == "http://h:8123/d"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "h:8123",
        "//u:hunter2@h",
        "clickhouse://u:hunter2@h:9000/d",
        "tcp://u:hunter2@h:9000",
        "http://",
        "http://u:hunter2@:8123/d",
    ],
)
def test_what_is_no_http_url_is_refused_with_a_hint(url: str) -> None:
    with pytest.raises(UsageError, match=r"HTTP interface's URL, http://user:password@host:8123/database") as raised:
        ClickHouseAddress.parse(url)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://u:hunter2/x@h/d", "http://u:hunter2@h:99999/d", "http://[u:hunter2@h/d"])
def test_what_cannot_be_taken_apart_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(UsageError, match="--clickhouse is not a URL") as raised:
        ClickHouseAddress.parse(url)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://h:8123/?database=d", "http://h/d?secure=1", "http://h/d#part"])
def test_what_would_be_ignored_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="nothing behind the database's name"):
        ClickHouseAddress.parse(url)
