"""The HTTP side: requests in, results and exceptions out, as a ClickHouse server words them."""

import json
import uuid
from typing import Any

from aiohttp import web

from harness.embedded.clickhouse.engine import Engine, Result
from harness.embedded.clickhouse.errors import ClickHouseError
from harness.embedded.clickhouse.request import Query, parse_query
from harness.embedded.clickhouse.users import Users

MAX_BODY_BYTES = 1 << 30
MAX_URI_BYTES = 1 << 20


class Endpoint:
    """A ClickHouse HTTP interface over one engine."""

    def __init__(self, engine: Engine, users: Users, version: str) -> None:
        self._engine = engine
        self._users = users
        self._version = version

    def runner(self) -> web.AppRunner:
        """Return the server, to be set up and bound by the caller."""
        application = web.Application(client_max_size=MAX_BODY_BYTES)
        application.router.add_get("/ping", _ok)
        application.router.add_route("*", "/{path:.*}", self._handle)
        return web.AppRunner(application, access_log=None, max_line_size=MAX_URI_BYTES, max_field_size=MAX_URI_BYTES)

    async def _handle(self, request: web.Request) -> web.Response:
        headers = {"X-ClickHouse-Server-Display-Name": "embedded", "X-ClickHouse-Timezone": "UTC"}
        try:
            return await self._answer(request, headers)
        except ClickHouseError as error:
            headers["X-ClickHouse-Exception-Code"] = str(error.code)
            if error.name == "REQUIRED_PASSWORD":
                headers["WWW-Authenticate"] = 'Basic realm="ClickHouse server HTTP API"'
            return web.Response(text=error.body(self._version), status=error.status, headers=headers)

    async def _answer(self, request: web.Request, headers: dict[str, str]) -> web.Response:
        if request.method not in ("GET", "HEAD", "POST"):
            return web.Response(
                status=405, text=f"{request.method} is not allowed\n", headers={"Allow": "GET, HEAD, POST"}
            )
        if request.path != "/":
            return web.Response(
                status=404, text=f"There is no handle {request.path}\n\nUse / or /ping for health checks.\n"
            )
        if request.method != "POST" and "query" not in request.query:
            return await _ok(request)
        if request.method == "POST" and request.content_length is None and "chunked" not in _encodings(request):
            text = "The Transfer-Encoding is not chunked and there is no Content-Length header for POST request."
            raise ClickHouseError(381, "HTTP_LENGTH_REQUIRED", text)
        user = self._users.authenticate(request.headers, request.query)
        query = parse_query(request.query, request.headers, await request.read())
        # As at the server, what arrives by GET may not change anything.
        readonly = user.readonly or (0 if request.method == "POST" else 2)
        result = await self._engine.run(query, readonly)
        headers |= self._describe(request, query, result)
        response = web.Response(body=result.data, headers=headers)
        if request.query.get("enable_http_compression", "0") not in ("", "0"):
            response.enable_compression()
        return response

    @staticmethod
    def _describe(request: web.Request, query: Query, result: Result) -> dict[str, str]:
        summary = {
            "read_rows": str(result.read_rows),
            "read_bytes": str(result.read_bytes),
            "written_rows": str(result.written_rows),
            "written_bytes": str(result.written_bytes),
            "result_bytes": str(len(result.data)),
            "elapsed_ns": str(round(result.elapsed_s * 1e9)),
        }
        return {
            "Content-Type": query.content_type,
            "X-ClickHouse-Format": query.result_format,
            "X-ClickHouse-Query-Id": request.query.get("query_id") or str(uuid.uuid4()),
            "X-ClickHouse-Summary": json.dumps(summary),
        }


def _encodings(request: web.Request) -> str:
    return request.headers.get("Transfer-Encoding", "").lower()


async def _ok(_: Any) -> web.Response:
    return web.Response(text="Ok.\n")
