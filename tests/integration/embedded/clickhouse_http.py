"""A ClickHouse HTTP client that hides nothing, and what the two engines answer differently."""

import io
import json
import re
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as it came over the wire; `text` has bytes that are not UTF-8 replaced."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    @property
    def code(self) -> int | None:
        """The exception's code by its text, None where it is not an exception's."""
        found = re.match(r"Code: (\d+)", self.text)
        return int(found[1]) if found else None

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Client:
    """One user at one address; `way` is how it says who it is."""

    session: aiohttp.ClientSession = field(repr=False)
    address: str
    user: str | None = None
    password: str = ""
    way: str = "headers"

    @classmethod
    def at(cls, session: aiohttp.ClientSession, url: str) -> "Client":
        """Return the client of `http://user:password@host:port/database`; it names no database of its own."""
        parts = urlsplit(url)
        return cls(session, f"http://{parts.hostname}:{parts.port}/", parts.username, parts.password or "")

    def stranger(self) -> "Client":
        return replace(self, user=None)

    def named(self, user: str) -> "Client":
        return replace(self, user=user)

    def with_password(self, password: str) -> "Client":
        return replace(self, password=password)

    def saying_who_by(self, way: str) -> "Client":
        return replace(self, way=way)

    async def get(self, query: str, **parameters: str) -> Answer:
        return await self.request("GET", query=query, **parameters)

    async def post(self, text: str, **parameters: str) -> Answer:
        """Send `text` as the body."""
        return await self.request("POST", text.encode(), **parameters)

    async def insert(self, statement: str, data: bytes, headers: dict[str, str] | None = None) -> Answer:
        """Send the statement in the URL and its data as the body."""
        return await self.request("POST", data, headers, query=statement)

    async def request(
        self, method: str, body: bytes = b"", headers: dict[str, str] | None = None, path: str = "", **parameters: str
    ) -> Answer:
        headers = {"Accept-Encoding": "identity"} | (headers or {})
        if self.user is not None and self.way == "headers":
            headers |= {"X-ClickHouse-User": self.user, "X-ClickHouse-Key": self.password}
        if self.user is not None and self.way == "parameters":
            parameters |= {"user": self.user, "password": self.password}
        if self.user is not None and self.way == "basic":
            headers |= {"Authorization": aiohttp.encode_basic_auth(self.user, self.password)}
        # A POST without a body needs its length stated, and a GET must not have one.
        data = io.BytesIO(body) if body or method == "POST" else None
        url = self.address + path
        async with self.session.request(method, url, params=parameters, data=data, headers=headers) as answer:
            return Answer(answer.status, dict(answer.headers), await answer.read())


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the engines answer differently; everything else is one contract for both."""

    refused_status: int
    wrong_password_code: int
    unknown_user_code: int
    unknown_table: str
    """The whole text of that exception, as a regular expression."""
    set_status: int
    """What SET and USE answer without a session."""
    bad_data_status: int
    modern: bool
    """Whether it is of a version with query parameters, DateTime64 and the X-ClickHouse-* headers of answers."""


DIALECTS = {
    "embedded": Dialect(
        refused_status=403,
        wrong_password_code=516,
        unknown_user_code=516,
        unknown_table=r"Code: 60\. DB::Exception: .*nope.* \(UNKNOWN_TABLE\) \(version 26\.[\d.]+\)\n",
        set_status=200,
        bad_data_status=400,
        modern=True,
    ),
    "server": Dialect(
        refused_status=401,
        wrong_password_code=193,
        unknown_user_code=192,
        unknown_table=r"Code: 60, e\.displayText\(\) = DB::Exception: .*nope.*, e\.what\(\) = DB::Exception\n",
        set_status=500,
        bad_data_status=500,
        modern=False,
    ),
}


async def setting(client: Client, name: str, **parameters: str) -> str:
    answer = await client.post(f"SELECT value FROM system.settings WHERE name = '{name}'", **parameters)
    assert answer.status == 200, answer.text
    return answer.text.strip()
