"""The preflight: a target that cannot be used is told from one that can, in one line that helps."""

import ssl
from pathlib import Path

import grpc
import pytest
import trustme
from trivial_target import TrivialTarget, serving

from harness.clock import SystemClock
from harness.drive.auth import Bearer
from harness.drive.channel import TargetFacts, open_channel, try_target
from harness.drive.target import Target, Tls, TokenSource
from harness.errors import TargetError, UsageError

PARENT = "customers/c/profiles/p"


async def facts(target: Target) -> TargetFacts:
    bearer = Bearer(target.token)
    await bearer.fetch()
    async with open_channel(target) as channel:
        return await try_target(channel, target, bearer, PARENT)


async def test_a_production_target_does_not_report_its_copies() -> None:
    async with serving(TrivialTarget()) as address:
        assert await facts(Target(address=address)) == TargetFacts("unknown", reports_copies=False)


@pytest.mark.parametrize("source", ["token", "file", "command"])
async def test_the_token_arrives_from_wherever_it_comes(source: str, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("Bearer s3cret\n")
    sources = {
        "token": TokenSource(token="s3cret"),
        "file": TokenSource(file=str(tmp_path / "token")),
        "command": TokenSource(command=f"cat {tmp_path / 'token'}"),
    }
    async with serving(TrivialTarget(token="s3cret")) as address:
        assert await facts(Target(address=address, token=sources[source]))


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (TrivialTarget(token="other"), "refused the bearer token: the bearer token is not valid; give one by --token"),
        (TrivialTarget(refuse={"GetScorecard": grpc.StatusCode.PERMISSION_DENIED}), "denied permission: told to"),
        (
            TrivialTarget(refuse={"GetScorecard": grpc.StatusCode.UNIMPLEMENTED}),
            "offers no cresta.v1.coaching.CoachingService",
        ),
        (
            TrivialTarget(refuse={"GetScorecard": grpc.StatusCode.INTERNAL}),
            "failed the first call with INTERNAL: told to",
        ),
    ],
)
async def test_refusals(target: TrivialTarget, message: str) -> None:
    async with serving(target) as address:
        with pytest.raises(TargetError, match=message):
            await facts(Target(address=address, token=TokenSource(token="s3cret")))


async def test_a_closed_port() -> None:
    async with serving(TrivialTarget()) as address:
        pass
    with pytest.raises(TargetError, match=f"target {address} cannot be reached without TLS"):
        await facts(Target(address=address))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (TokenSource(file="/nowhere/token"), "token file /nowhere/token cannot be read"),
        (TokenSource(command="/nowhere/command"), "cannot be run"),
        (TokenSource(command="false"), "failed with status 1: it said nothing"),
        (TokenSource(command="sh -c 'echo log in first >&2; exit 3'"), "failed with status 3: log in first"),
        (TokenSource(command="true"), "printed nothing, where one line is wanted"),
        (TokenSource(command="printf 'a\\nb'"), "printed 2 lines, where one line is wanted"),
        (TokenSource(token=" "), "the token given is empty"),
        (TokenSource(token="two\nlines"), "characters that no HTTP header can carry"),
    ],
)
async def test_tokens_that_are_not_to_be_had(source: TokenSource, message: str) -> None:
    with pytest.raises(TargetError, match=message):
        await Bearer(source).fetch()


async def test_tls_with_a_given_ca_and_without_it(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    credentials = grpc.ssl_server_credentials(
        [(certificate.private_key_pem.bytes(), certificate.cert_chain_pems[0].bytes())]
    )
    async with serving(TrivialTarget(), credentials) as address:
        trusted = Target(address=address, ca_file=str(tmp_path / "ca.pem"))
        assert trusted.secure
        assert await facts(trusted)
        with pytest.raises(TargetError, match="cannot be reached with TLS"):
            await facts(Target(address=address, tls=Tls.ON))
        with pytest.raises(TargetError, match="cannot be reached without TLS"):
            await facts(Target(address=address))
    with pytest.raises(UsageError, match="CA file /nowhere cannot be read"):
        open_channel(Target(address=address, ca_file="/nowhere"))
    assert ssl.OPENSSL_VERSION


@pytest.mark.parametrize(
    ("address", "secure"),
    [("127.0.0.1:1", False), ("localhost:1", False), ("[::1]:1", False), ("staging.example:443", True)],
)
def test_only_loopback_goes_without_tls_of_its_own_accord(address: str, secure: bool) -> None:
    assert Target(address=address).secure is secure
    assert Target(address=address, tls=Tls.ON).secure
    assert not Target(address=address, tls=Tls.OFF).secure


async def test_a_token_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("old")
    bearer = Bearer(TokenSource(file=str(path)))
    await bearer.fetch()

    class Hurried(SystemClock):
        async def sleep_until(self, instant_ns: int) -> None:
            await super().sleep_until(self.now_ns() + 1_000_000)

    async with bearer.kept_fresh(Hurried()):
        path.write_text("new")
        while bearer.metadata != (("authorization", "Bearer new"),):
            await SystemClock().sleep_until(SystemClock().now_ns() + 1_000_000)
        path.unlink()  # a refresh that fails keeps what it has
        await SystemClock().sleep_until(SystemClock().now_ns() + 20_000_000)
    assert bearer.metadata == (("authorization", "Bearer new"),)
