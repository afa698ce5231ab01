"""The stores' own names of their types are parsed."""

from value_stores import ValueClickHouse, ValuePostgres

from harness.check.values import Rule

PAIRS = {
    "String": "text",
    "FixedString(3)": "text",
    "UInt8": "boolean",
    "Int64": "bigint",
    "Float64": "real",
    "Decimal(9, 2)": "numeric",
    "UUID": "uuid",
    "Date": "date",
    "DateTime('Asia/Kolkata')": "timestamptz",
    "Array(Nullable(Int8))": "integer[]",
    "Nullable(Enum8('z' = 5, 'it\\'s, (a)' = -1))": "text",
}
MODERN_PAIRS = {
    "Bool": "boolean",
    "LowCardinality(Nullable(String))": "text",
    "Date32": "date",
    "Decimal256(4)": "numeric",
    "DateTime64(6, 'UTC')": "timestamptz",
    "IPv4": "inet",
    "Array(Array(DateTime64(9)))": "timestamptz[]",
}


async def test_clickhouses_names(clickhouse: ValueClickHouse) -> None:
    pairs = PAIRS | (MODERN_PAIRS if clickhouse.modern else {})
    await clickhouse.create(list(pairs))
    query = "SELECT type FROM system.columns WHERE table = 'v' AND database = 'coaching' AND name != 'id' FORMAT TabSeparatedRaw"
    names = (await clickhouse.send(query)).decode().splitlines()
    for name, (written, postgres) in zip(names, pairs.items(), strict=True):
        ours, theirs = Rule.of(postgres, written).clickhouse, Rule.of(postgres, name).clickhouse
        assert (theirs.kind, theirs.nullable, theirs.scale, theirs.resolution_us, theirs.default) == (
            (ours.kind, ours.nullable, ours.scale, ours.resolution_us, ours.default)
        )


async def test_postgresqls_own_type_names_are_parsed(postgres: ValuePostgres) -> None:
    names = [
        "int2",
        "int4",
        "int8",
        "bool",
        "numeric(9,2)",
        "decimal",
        "float4",
        "float8",
        "text",
        "varchar(9)",
        "varchar",
    ]
    names += [
        "char(3)",
        "char",
        "name",
        '"char"',
        "bytea",
        "json",
        "jsonb",
        "uuid",
        "timestamptz",
        "timestamptz(3)",
        "timestamp",
    ]
    names += ["timestamp(0)", "date", "inet", "cidr", "int4[]", "text[][]", "numeric(9,2)[]", "timestamptz(3)[]"]
    await postgres.create(names)
    query = (
        "SELECT format_type(atttypid, atttypmod), typname FROM pg_attribute JOIN pg_type t ON t.oid = atttypid "
        "WHERE attrelid = 'v'::regclass AND attnum > 1 ORDER BY attnum"
    )
    for name, (formatted, catalogued) in zip(names, await postgres.connection.fetch(query), strict=True):
        parsed = Rule.of(formatted, _column(formatted)).postgres
        assert parsed.kind is Rule.of(name, _column(formatted)).postgres.kind, formatted
        assert parsed.kind is Rule.of(catalogued, _column(formatted)).postgres.kind, catalogued


def _column(formatted: str) -> str:
    """Return a ClickHouse type that PostgreSQL's can be compared with."""
    starts = {"timestamp": "DateTime", "date": "Date", "double": "Float64", "real": "Float64"}
    column = next((kind for start, kind in starts.items() if formatted.startswith(start)), "String")
    return f"Array({column})" if formatted.endswith("[]") else column
