"""A ClickHouse HTTP URL, taken apart; its password is in no message."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from harness.errors import UsageError

DEFAULT_PORTS = {"http": 8123, "https": 8443}
EXAMPLE = "http://user:password@host:8123/database"


@dataclass(frozen=True, slots=True)
class ClickHouseAddress:
    """Where ClickHouse is and who asks."""

    base_url: str
    user: str
    password: str = field(repr=False)
    database: str

    @classmethod
    def parse(cls, url: str) -> "ClickHouseAddress":
        """Return the parts of `http(s)://user:password@host:port/database`. Raises UsageError."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            # Not in the error's words, which may hold a piece of a password that was not encoded.
            raise UsageError(
                f"--clickhouse is not a URL such as {EXAMPLE}; in a password, / is %2F, # is %23, ? is %3F"
            ) from None
        if parts.scheme not in DEFAULT_PORTS or parts.hostname is None:
            raise UsageError(f"--clickhouse takes the HTTP interface's URL, {EXAMPLE} (or https://, port 8443)")
        if parts.query or parts.fragment:
            raise UsageError(
                f"--clickhouse takes nothing behind the database's name: {EXAMPLE}; in a password, # is %23, ? is %3F"
            )
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(
            base_url=f"{parts.scheme}://{host}:{port or DEFAULT_PORTS[parts.scheme]}/",
            user=unquote(parts.username or "default"),
            password=unquote(parts.password or ""),
            database=unquote(parts.path.strip("/")) or "default",
        )

    def __str__(self) -> str:
        return f"{self.base_url}{self.database}"
