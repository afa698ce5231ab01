"""Bearer-token authentication."""

import hmac
from collections.abc import Awaitable, Callable

import grpc

OPEN_SERVICES = ("/grpc.health.v1.Health/", "/grpc.reflection.")
Handler = grpc.RpcMethodHandler
Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Handler]]


class BearerAuth(grpc.aio.ServerInterceptor):
    """Lets in calls that carry the token; health and reflection are open to all."""

    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode()

    async def intercept_service(self, continuation: Continuation, details: grpc.HandlerCallDetails) -> Handler:
        """Return the method's handler, or one that refuses."""
        if details.method.startswith(OPEN_SERVICES):
            return await continuation(details)
        given = dict(details.invocation_metadata or ()).get("authorization")
        if given is None:
            return _refusal("the call carries no bearer token")
        if not hmac.compare_digest(str(given).encode(), self._expected):
            return _refusal("the bearer token is not valid")
        return await continuation(details)


def _refusal(reason: str) -> Handler:
    async def refuse(_: object, context: grpc.aio.ServicerContext) -> None:
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, reason)

    return grpc.unary_unary_rpc_method_handler(refuse)
