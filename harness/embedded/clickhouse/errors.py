"""The engine's exceptions as the server sends them: a code, a text and an HTTP status."""

import re

# By the names of ClickHouse's error codes. Source: src/Server/HTTP/exceptionCodeToHTTPStatus.cpp; all others are 500.
STATUS_OF = {
    401: "REQUIRED_PASSWORD",
    403: "UNKNOWN_USER WRONG_PASSWORD AUTHENTICATION_FAILED SET_NON_GRANTED_ROLE ACCESS_DENIED",
    400: "BAD_ARGUMENTS CANNOT_COMPILE_REGEXP CANNOT_PARSE_TEXT CANNOT_PARSE_ESCAPE_SEQUENCE CANNOT_PARSE_QUOTED_STRING CANNOT_PARSE_DATE"
    " CANNOT_PARSE_DATETIME CANNOT_PARSE_NUMBER CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING CANNOT_PARSE_IPV4 CANNOT_PARSE_IPV6"
    " CANNOT_PARSE_INPUT_ASSERTION_FAILED CANNOT_PARSE_UUID DUPLICATE_COLUMN ILLEGAL_COLUMN UNKNOWN_ELEMENT_IN_AST"
    " UNKNOWN_TYPE_OF_AST_NODE THERE_IS_NO_COLUMN TOO_DEEP_AST TOO_BIG_AST UNEXPECTED_AST_STRUCTURE SYNTAX_ERROR INCORRECT_DATA"
    " TYPE_MISMATCH VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE",
    404: "UNKNOWN_TABLE UNKNOWN_FUNCTION UNKNOWN_IDENTIFIER UNKNOWN_TYPE UNKNOWN_STORAGE UNKNOWN_DATABASE UNKNOWN_SETTING"
    " UNKNOWN_DIRECTION_OF_SORTING UNKNOWN_AGGREGATE_FUNCTION UNKNOWN_FORMAT UNKNOWN_DATABASE_ENGINE UNKNOWN_TYPE_OF_QUERY UNKNOWN_ROLE",
    411: "HTTP_LENGTH_REQUIRED",
    413: "QUERY_IS_TOO_LARGE",
    501: "NOT_IMPLEMENTED",
    503: "SOCKET_TIMEOUT CANNOT_OPEN_FILE CANNOT_SCHEDULE_TASK",
    408: "TIMEOUT_EXCEEDED",
    415: "UNSUPPORTED_MEDIA_TYPE",
}
_STATUS = {name: status for status, names in STATUS_OF.items() for name in names.split()}
_CODE = re.compile(r"Code: (\d+)")
_VERSION = re.compile(r" \(version [^)]*\)\.?")
_NESTED = re.compile(r"^(Code: \d+\. DB::Exception: )+")
_NAME = re.compile(r"\(([A-Z][A-Z0-9_]+)\)")


class ClickHouseError(Exception):
    """An exception in ClickHouse's own form: numeric code, name as in `UNKNOWN_TABLE`, and the text without either."""

    def __init__(self, code: int, name: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.name = name
        self.text = text

    @property
    def status(self) -> int:
        """The HTTP status that the server answers with."""
        return _STATUS.get(self.name, 500)

    def body(self, version: str) -> str:
        """Return the response's text as the server words it."""
        return f"Code: {self.code}. DB::Exception: {self.text} ({self.name}) (version {version})\n"


def from_engine(message: str) -> ClickHouseError:
    """Return the exception that an engine's message describes; the engine may nest it in itself several times."""
    code = _CODE.search(message)
    names = _NAME.findall(message)
    if code is None or not names:
        return ClickHouseError(1001, "STD_EXCEPTION", message)
    text = _NESTED.sub("", _VERSION.sub("", message)).strip()
    while text.endswith(f"({names[-1]})"):
        text = text.removesuffix(f"({names[-1]})").rstrip(" .")
    return ClickHouseError(int(code[1]), names[-1], f"{text}.")
