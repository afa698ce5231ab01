"""Who may use the endpoint, and how a request says who it is."""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.embedded.clickhouse.errors import ClickHouseError


@dataclass(frozen=True, slots=True)
class User:
    """A user. `readonly` is ClickHouse's setting: 0 may write, 1 may only read, 2 may read and change settings."""

    name: str
    password: str
    readonly: int = 0


class Users:
    """The endpoint's users."""

    def __init__(self, users: Sequence[User]) -> None:
        self._users = {user.name: user for user in users}

    def authenticate(self, headers: Mapping[str, str], parameters: Mapping[str, str]) -> User:
        """Return the user whom the headers X-ClickHouse-User/-Key, basic auth or the parameters user/password name, in that order.

        Raises ClickHouseError AUTHENTICATION_FAILED, which does not tell whether the user exists.
        """
        name, password = _credentials(headers, parameters)
        user = self._users.get(name)
        # Compared even for an unknown user, so that the time taken does not tell either.
        right = hmac.compare_digest(password.encode(), (user.password if user is not None else "\0").encode())
        if user is None or not right:
            text = f"{name}: Authentication failed: password is incorrect, or there is no user with such name."
            raise ClickHouseError(516, "AUTHENTICATION_FAILED", text)
        return user


def _credentials(headers: Mapping[str, str], parameters: Mapping[str, str]) -> tuple[str, str]:
    if "X-ClickHouse-User" in headers or "X-ClickHouse-Key" in headers:
        return headers.get("X-ClickHouse-User", "default"), headers.get("X-ClickHouse-Key", "")
    scheme, _, encoded = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise ClickHouseError(516, "AUTHENTICATION_FAILED", "Invalid Basic authentication header.") from None
        return name, password
    return parameters.get("user", "default"), parameters.get("password", "")
