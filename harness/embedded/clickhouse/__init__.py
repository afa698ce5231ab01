"""The ClickHouse engine from its wheel, behind an endpoint that speaks the ClickHouse HTTP interface.

What a server offers beyond this and the endpoint does not is answered with NOT_IMPLEMENTED, never ignored: external data tables
(multipart bodies), sessions (`session_id`), compression of its own (`compress`, `decompress`), and quotas and roles. The engine itself
ignores `async_insert`: every insert is synchronous. Progress headers are not sent.
"""
