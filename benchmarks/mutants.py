"""The mutants of a module: each is its source with one condition, operator, constant or table entry changed. Pure.

Decorators, annotations, asserts and `__all__` are left as they are: they decide nothing.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType

COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.GtE, ast.LtE),
    ast.LtE: (ast.Gt, ast.Lt),
    ast.Gt: (ast.LtE, ast.GtE),
    ast.GtE: (ast.Lt, ast.Gt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
SWAPPED = {"any": "all", "all": "any", "min": "max", "max": "min"}
SKIPPED_FIELDS = frozenset({"decorator_list", "annotation", "returns"})
Literal = ast.Tuple | ast.List | ast.Set


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed module. `where` is the function or the name that is changed, `line` the source at the change, without its indentation.

    `column` is where in `line` the change is, in bytes of UTF-8 from 0.
    """

    module: str
    line_number: int
    column: int
    where: str
    line: str
    original: str
    mutated: str
    code: CodeType


@dataclass(frozen=True, slots=True)
class Edit:
    """New values for a node's attributes; `shown` is what of the node the reader sees, before and after."""

    node: ast.AST
    values: Mapping[str, object]
    shown: ast.expr
    after: str = ""


def mutants(module: str, source: str, file: str) -> Iterator[Mutant]:
    """Yield every mutant of a module's source."""
    tree = ast.parse(source)
    lines = source.splitlines()
    for where, edit in list(_edits(tree)):
        line_number, column = edit.shown.lineno, edit.shown.col_offset
        original = ast.unparse(edit.shown)
        before = {name: getattr(edit.node, name) for name in edit.values}
        _set(edit.node, edit.values)
        mutated = edit.after or ast.unparse(edit.shown)
        code = compile(ast.fix_missing_locations(tree), file, "exec")
        _set(edit.node, before)
        line = lines[line_number - 1]
        column -= len(line) - len(line.lstrip())
        yield Mutant(module, line_number, column, where, line.strip(), original, mutated, code)


def _set(node: ast.AST, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(node, name, value)


def _edits(tree: ast.Module) -> Iterator[tuple[str, Edit]]:
    for statement in tree.body:
        where, table = _table(statement)
        if where == "__all__":
            continue
        if table is not None:
            yield from ((where, edit) for edit in _of_table(table))
        yield from _inside(statement, where)


def _table(statement: ast.stmt) -> tuple[str, ast.expr | None]:
    """Return the name that a statement of a module defines, and its value where it assigns one."""
    if isinstance(statement, ast.Assign):
        return ast.unparse(statement.targets[0]), statement.value
    if isinstance(statement, ast.AnnAssign):
        return ast.unparse(statement.target), statement.value
    return "", None


def _inside(node: ast.AST, where: str) -> Iterator[tuple[str, Edit]]:
    """Yield the edits of a node and of all in it, with the function or class that each lies in."""
    if isinstance(node, ast.Assert):
        return
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        where = f"{where}.{node.name}".lstrip(".")
    yield from ((where, edit) for edit in _of(node))
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and name not in SKIPPED_FIELDS:
                yield from _inside(child, where)


def _of(node: ast.AST) -> Iterator[Edit]:
    match node:
        case ast.Compare():
            yield from _of_comparison(node)
        case ast.BoolOp():
            yield Edit(node, {"op": ast.Or() if isinstance(node.op, ast.And) else ast.And()}, node)
            yield from _negations(node, "values", node.values)
        case ast.If() | ast.While() | ast.IfExp():
            if _is_plain(node.test):
                yield Edit(node, {"test": _not(node.test)}, node.test, ast.unparse(_not(node.test)))
        case ast.comprehension():
            yield from _negations(node, "ifs", node.ifs)
            yield from _without_each(node.iter)
        case ast.For():
            yield from _without_each(node.iter)
        case ast.UnaryOp(op=ast.Not()):
            yield Edit(node, {"operand": _not(node.operand)}, node, ast.unparse(node.operand))
        case ast.Call(func=ast.Name(id=name)) if name in SWAPPED:
            yield Edit(node.func, {"id": SWAPPED[name]}, node)
        case ast.Constant(value=bool()):
            yield Edit(node, {"value": not node.value}, node)
        case ast.Constant(value=int(number)):
            yield from (Edit(node, {"value": number + step}, node) for step in (1, -1))


def _of_comparison(node: ast.Compare) -> Iterator[Edit]:
    for place, operator in enumerate(node.ops):
        for other in COMPARISONS[type(operator)]:
            yield Edit(node, {"ops": [*node.ops[:place], other(), *node.ops[place + 1 :]]}, node)
    for side in node.comparators:
        yield from _without_each(side)


def _is_plain(test: ast.expr) -> bool:
    """Return whether a negation makes a mutant of its own: that of a comparison or of `not` is made anyway."""
    return not (isinstance(test, ast.UnaryOp | ast.Constant) or (isinstance(test, ast.Compare) and len(test.ops) == 1))


def _not(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def _negations(node: ast.AST, field: str, tests: Sequence[ast.expr]) -> Iterator[Edit]:
    for place, test in enumerate(tests):
        if _is_plain(test):
            values = [*tests[:place], _not(test), *tests[place + 1 :]]
            yield Edit(node, {field: values}, test, ast.unparse(_not(test)))


def _of_table(value: ast.expr) -> Iterator[Edit]:
    """Yield each table with an entry less, and with two neighbours exchanged, in a value that a module gives a name to."""
    yield from _without_each(value)
    if isinstance(value, ast.Tuple | ast.List):
        for one, other in zip(value.elts, value.elts[1:], strict=False):
            swapped = [{one: other, other: one}.get(entry, entry) for entry in value.elts]
            yield Edit(value, {"elts": swapped}, one, f"{ast.unparse(other)}, {ast.unparse(one)}")
    if isinstance(value, ast.Dict):
        yield from _of_dict(value)
    yield from _of_call(value)


def _of_dict(table: ast.Dict) -> Iterator[Edit]:
    for place, (key, value) in enumerate(zip(table.keys, table.values, strict=True)):
        shown = value if key is None else key
        fewer = {name: _less(getattr(table, name), place) for name in ("keys", "values")}
        yield Edit(table, fewer, shown, "(dropped)")
        yield from _of_call(value)
        following = table.values[place + 1 : place + 2]
        if key is not None and following and table.keys[place + 1] is not None:
            (other,) = following
            if ast.dump(value) != ast.dump(other):
                values = [*table.values[:place], other, value, *table.values[place + 2 :]]
                yield Edit(table, {"values": values}, shown, f"{ast.unparse(other)}, the next entry's value")


def _of_call(value: ast.expr) -> Iterator[Edit]:
    """Yield a `dict.fromkeys` with a key less, a `frozenset` with a member less."""
    if isinstance(value, ast.Call) and value.args:
        yield from _without_each(value.args[0])


def _without_each(value: ast.expr) -> Iterator[Edit]:
    if isinstance(value, Literal) and len(value.elts) > 1:
        for place, entry in enumerate(value.elts):
            yield Edit(value, {"elts": _less(value.elts, place)}, entry, "(dropped)")


def _less(entries: Sequence[ast.AST | None], place: int) -> list[ast.AST | None]:
    return [*entries[:place], *entries[place + 1 :]]
