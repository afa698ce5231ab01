"""The ClickHouse engine from its wheel, behind an endpoint that speaks the ClickHouse HTTP interface.

What a server offers beyond this and the endpoint does not is answered with NOT_IMPLEMENTED, never ignored: external data tables
(multipart bodies), sessions (`session_id`), compression of its own (`compress`, `decompress`), `stacktrace`, quotas and roles,
`async_insert` (the engine would insert synchronously), the table function `input`, parameters beside an INSERT's data, and a query's text
in anything but UTF-8. Answers are sent when they are whole, without progress headers. A reader's statements that reach beyond the data
(SET, USE, SYSTEM, temporary tables, files) are refused, since the engine does not keep them from writing files.
"""
