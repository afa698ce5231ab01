"""Where a run's calls go and by what right: the settings that the firing process is handed."""

from enum import StrEnum

from pydantic import Field

from harness.settings import Settings

LOOPBACK = ("127.", "localhost", "[::1]")


class Tls(StrEnum):
    """How the channel to the target is secured."""

    AUTO = "auto"
    """TLS, except to a loopback address."""
    ON = "on"
    OFF = "off"


class TokenSource(Settings):
    """Where the bearer token comes from: at most one of the three; none means that calls carry no token."""

    token: str | None = Field(None, repr=False)
    file: str | None = None
    command: str | None = None


class Target(Settings):
    """One gRPC target."""

    address: str
    token: TokenSource = TokenSource()
    tls: Tls = Tls.AUTO
    ca_file: str | None = None

    @property
    def secure(self) -> bool:
        """Whether the channel uses TLS."""
        if self.tls is Tls.AUTO:
            return self.ca_file is not None or not self.address.startswith(LOOPBACK)
        return self.tls is Tls.ON
