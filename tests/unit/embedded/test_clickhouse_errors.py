"""The engine's messages as the server words them, and the status that each code answers with."""

import pytest

from harness.embedded.clickhouse.errors import ClickHouseError, from_engine

NESTED = (
    "Code: 73. DB::Exception: Code: 73. DB::Exception: Unknown format Nope. (UNKNOWN_FORMAT) (version 26.9.2.1)."
    " (UNKNOWN_FORMAT)"
)


def test_a_message_is_taken_apart() -> None:
    error = from_engine("Code: 60. DB::Exception: Table a.b does not exist. (UNKNOWN_TABLE)")
    assert (error.code, error.name, error.text) == (60, "UNKNOWN_TABLE", "Table a.b does not exist.")


def test_a_nested_message_is_told_once() -> None:
    error = from_engine(NESTED)
    assert (error.code, error.name, error.text) == (73, "UNKNOWN_FORMAT", "Unknown format Nope.")


def test_the_last_name_is_the_errors_own() -> None:
    error = from_engine("Code: 47. DB::Exception: Unknown identifier (MY_COLUMN) here. (UNKNOWN_IDENTIFIER)")
    assert (error.name, error.text) == ("UNKNOWN_IDENTIFIER", "Unknown identifier (MY_COLUMN) here.")


def test_a_message_in_no_known_form_is_passed_on_whole() -> None:
    error = from_engine("connection is closed")
    assert (error.code, error.name, error.text, error.status) == (1001, "STD_EXCEPTION", "connection is closed", 500)


def test_the_body_is_as_the_server_words_it() -> None:
    body = ClickHouseError(60, "UNKNOWN_TABLE", "No such table.").body("26.9.2.1")
    assert body == "Code: 60. DB::Exception: No such table. (UNKNOWN_TABLE) (version 26.9.2.1)\n"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("REQUIRED_PASSWORD", 401),
        ("AUTHENTICATION_FAILED", 403),
        ("ACCESS_DENIED", 403),
        ("SYNTAX_ERROR", 400),
        ("TYPE_MISMATCH", 400),
        ("CANNOT_PARSE_TEXT", 400),
        ("CANNOT_PARSE_INPUT_ASSERTION_FAILED", 400),
        ("UNKNOWN_TABLE", 404),
        ("UNKNOWN_DATABASE", 404),
        ("UNKNOWN_IDENTIFIER", 404),
        ("UNKNOWN_SETTING", 404),
        ("TIMEOUT_EXCEEDED", 408),
        ("HTTP_LENGTH_REQUIRED", 411),
        ("QUERY_IS_TOO_LARGE", 413),
        ("UNSUPPORTED_MEDIA_TYPE", 415),
        ("NOT_IMPLEMENTED", 501),
        ("CANNOT_SCHEDULE_TASK", 503),
        ("READONLY", 500),
        ("MEMORY_LIMIT_EXCEEDED", 500),
    ],
)
def test_the_status_is_the_servers(name: str, status: int) -> None:
    assert ClickHouseError(0, name, "").status == status
