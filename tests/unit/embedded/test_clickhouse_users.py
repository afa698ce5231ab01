"""Who is let in, by each way that a request can say who it is."""

import base64

import pytest

from harness.embedded.clickhouse.errors import ClickHouseError
from harness.embedded.clickhouse.users import User, Users

WRITER = User("writer", "p:w ü")
READER = User("reader", "", 2)
USERS = Users([WRITER, READER])


def basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.mark.parametrize(
    ("headers", "parameters"),
    [
        ({"X-ClickHouse-User": "writer", "X-ClickHouse-Key": "p:w ü"}, {}),
        (basic("writer:p:w ü"), {}),
        ({}, {"user": "writer", "password": "p:w ü"}),
    ],
    ids=["headers", "basic", "parameters"],
)
def test_each_way_of_saying_who_one_is(headers: dict[str, str], parameters: dict[str, str]) -> None:
    assert USERS.authenticate(headers, parameters) is WRITER


def test_an_empty_password_is_a_password() -> None:
    assert USERS.authenticate({"X-ClickHouse-User": "reader"}, {}) is READER


@pytest.mark.parametrize(
    ("headers", "parameters"),
    [
        ({"X-ClickHouse-User": "writer", "X-ClickHouse-Key": "no"}, {}),
        ({"X-ClickHouse-User": "writer"}, {}),
        ({"X-ClickHouse-Key": "p:w ü"}, {}),
        (basic("writer:no"), {}),
        (basic("writer"), {}),
        ({"Authorization": "Basic !"}, {}),
        ({"Authorization": "Bearer p:w ü"}, {}),
        ({}, {"user": "writer", "password": "no"}),
        ({}, {"user": "writer"}),
        ({}, {"user": "nobody", "password": "\0"}),
        ({}, {}),
        ({"X-ClickHouse-User": "writer", "X-ClickHouse-Key": "no"}, {"user": "writer", "password": "p:w ü"}),
    ],
)
def test_everyone_else_is_refused(headers: dict[str, str], parameters: dict[str, str]) -> None:
    with pytest.raises(ClickHouseError) as refused:
        USERS.authenticate(headers, parameters)
    assert (refused.value.code, refused.value.name, refused.value.status) == (516, "AUTHENTICATION_FAILED", 403)


def test_the_refusal_does_not_tell_whether_the_user_exists() -> None:
    texts = set()
    for name in ("writer", "nobody"):
        with pytest.raises(ClickHouseError) as refused:
            USERS.authenticate({}, {"user": name, "password": "no"})
        texts.add(refused.value.text.replace(name, "NAME"))
    assert len(texts) == 1
