"""Bearer tokens: given, read from a file, or printed by a command; fetched again in long runs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from harness.clock import Clock
from harness.command import printed_line
from harness.drive.target import TokenSource
from harness.errors import TargetError
from harness.redact import redacted
from harness.units import NS_PER_S

REFRESH_PERIOD_S = 300
Metadata = tuple[tuple[str, str], ...]


class Bearer:
    """The authorization that every call carries, kept fresh in the background so that no call waits for it."""

    def __init__(self, source: TokenSource) -> None:
        self._source = source
        self.metadata: Metadata = ()

    async def fetch(self) -> None:
        """Get the token now. Raises TargetError with what is wrong; the token itself stands in no message."""
        token = await _token_of(self._source)
        if token is None:
            return
        if not token.isascii() or not token.isprintable():
            raise TargetError(
                "the bearer token has characters that no HTTP header can carry; is it the right file or command?"
            )
        self.metadata = (("authorization", f"Bearer {token}"),)

    @contextlib.asynccontextmanager
    async def kept_fresh(self, clock: Clock) -> AsyncIterator[None]:
        """Fetch a token that can change again every five minutes, for as long as the context lasts."""
        if self._source.file is None and self._source.command is None:
            yield
            return
        refresher = asyncio.create_task(self._refresh(clock))
        try:
            yield
        finally:
            refresher.cancel()
            await asyncio.gather(refresher, return_exceptions=True)

    async def _refresh(self, clock: Clock) -> None:
        while True:
            await clock.sleep_until(clock.now_ns() + REFRESH_PERIOD_S * NS_PER_S)
            # A failed refresh keeps the old token: if that has expired, the calls themselves say so.
            with contextlib.suppress(TargetError):
                await self.fetch()


async def _token_of(source: TokenSource) -> str | None:
    if source.token is not None:
        printed, origin = source.token, "the token given"
    elif source.file is not None:
        printed, origin = _read(source.file), f"token file {source.file}"
    elif source.command is not None:
        printed = await printed_line("--token-command", source.command, TargetError)
        origin = f"what --token-command {redacted(source.command)!r} printed"
    else:
        return None
    token = printed.strip().removeprefix("Bearer ").strip()
    if not token:
        raise TargetError(f"{origin} is empty")
    return token


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise TargetError(f"token file {path} cannot be read: {error}") from None
