"""Hides the passwords in a text that is to be shown or written."""

import re

HIDDEN = "***"
_URL_PASSWORD = re.compile(r"(\w+://[^:/@\s]*:)[^@\s]*@")
_DSN_PASSWORD = re.compile(r"(password=)('[^']*'|[^\s&]+)", re.IGNORECASE)


def redacted(text: str) -> str:
    """Return the text with the passwords of URLs and DSNs hidden."""
    return _DSN_PASSWORD.sub(rf"\1{HIDDEN}", _URL_PASSWORD.sub(rf"\1{HIDDEN}@", text))
