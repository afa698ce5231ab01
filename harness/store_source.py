"""Where a store's address comes from: the user gives it, or a command that prints it."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from harness.command import printed_line
from harness.errors import StoreError


@dataclass(frozen=True, slots=True)
class StoreKind:
    """One of the two stores as the command line knows it."""

    flag: str
    schemes: tuple[str, ...]
    example: str


POSTGRES = StoreKind("--pg", ("postgresql", "postgres"), "a DSN such as postgresql://user:password@host:port/database")
CLICKHOUSE = StoreKind("--clickhouse", ("http", "https"), "a URL such as http://user:password@host:port/database")


@dataclass(frozen=True, slots=True)
class StoreSource:
    """A store's address, or the command that prints it; exactly one of them is given."""

    kind: StoreKind
    address: str | None = field(default=None, repr=False)
    command: str | None = None

    async def resolve(self) -> str:
        """Return the address. Raises StoreError where the command gives none; what it printed is in no message."""
        if self.command is None:
            assert self.address is not None
            return self.address
        flag = f"{self.kind.flag}-command"
        line = await printed_line(flag, self.command, StoreError)
        if not _usable(line, self.kind.schemes):
            raise StoreError(f"{flag} printed one line, but not {self.kind.example}")
        return line


def _usable(address: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in schemes and (parts.port or 0) >= 0
    except ValueError:
        # A port that is none, as where a password was not encoded.
        return False
