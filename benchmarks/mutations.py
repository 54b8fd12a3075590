"""Small changes to a module's code, found in its syntax tree: what ``benchmarks/mutants.py`` draws from.

A comparison moved or turned, an arithmetic operator exchanged, a number a little larger or smaller, True for False,
``and`` for ``or``, a sign or a ``not`` taken off or put on, ``min`` for ``max``, two arguments swapped, two branches
swapped, a statement left out.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
OPPOSITES = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One change: bytes ``start`` to ``end`` of a module replaced.

    Attributes:
        room: of ROOMS.
        path: of the module, from the checkout's top.
        line: of the change, from 1.
        kind: of change.
        before: code as it stands.
        after: code in its place.
    """

    room: str
    path: str
    line: int
    kind: str
    start: int
    end: int
    before: str
    after: str

    def __str__(self) -> str:
        before, after = (" ".join(text.split())[:70] for text in (self.before, self.after))
        return f"{self.path}:{self.line} {self.kind}: {before}  ->  {after}"

    def put_into(self, source: bytes) -> bytes:
        return source[: self.start] + self.after.encode() + source[self.end :]


def mutants_of(room: str, path: str, source: bytes) -> Iterator[Mutant]:
    """Every change that can be made to a module, in order of place."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for node in _mutable(ast.parse(source)):
        start, end = (starts[line - 1] + column for line, column in _span(node))
        before = source[start:end].decode()
        for kind, after in _changes(node):
            if ast.unparse(node) != ast.unparse(ast.parse(after)):
                yield Mutant(room, path, node.lineno, kind, start, end, before, after)


def _span(node: ast.expr | ast.stmt) -> tuple[tuple[int, int], tuple[int, int]]:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def _mutable(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Expressions and statements, outermost first; no annotation, decorator, import, assertion or text."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_comment", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr | ast.Assert | ast.Raise):
                continue
            if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
                continue
            if _is_types(child):
                continue
            if isinstance(child, ast.expr | ast.stmt):
                yield child
            yield from _mutable(child)


def _is_types(node: ast.AST) -> bool:
    """An alias of types, whose brackets and bars are no computation."""
    if not isinstance(node, ast.Assign | ast.Subscript):
        return False
    names = ("Literal", "Annotated", "Mapping", "NDArray", "tuple[", "dict[", "list[", "Callable")
    return ast.unparse(node.value if isinstance(node, ast.Assign) else node).startswith(names)


def _changes(node: ast.expr | ast.stmt) -> Iterator[tuple[str, str]]:
    """(kind, code) of every change of one node itself."""
    match node:
        case ast.Compare(left=left, ops=ops, comparators=right):
            for i, op in enumerate(ops):
                for other in COMPARED[type(op)]:
                    yield "comparison", _code(ast.Compare(left, [*ops[:i], other(), *ops[i + 1 :]], right))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in COMPUTED and not _is_text(left):
            yield "operator", _code(ast.BinOp(left, COMPUTED[type(op)](), right))
        case ast.Constant(value=bool(value)):
            yield "constant", str(not value)
        case ast.Constant(value=int(value)):
            yield "constant", str(value + 1)
            if value:
                yield "constant", str(value - 1)
        case ast.Constant(value=float(value)):
            yield "constant", repr(value * 1.1 if value else 0.1)
            yield "constant", repr(value * 0.9 if value else -0.1)
        case ast.BoolOp(op=op, values=values):
            yield "boolean", _code(ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values))
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield "sign", _code(operand)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield "branch", _code(ast.IfExp(test, orelse, body))
        case ast.Call(func=function, args=args, keywords=keywords):
            yield from _changed_calls(function, args, keywords)
        case ast.AugAssign():
            yield "statement", "pass"
        case ast.Expr(value=ast.Call()):
            yield "statement", "pass"
        case ast.Return(value=ast.BinOp(left=left) as value) if not _is_text(left):
            yield "sign", f"return -({ast.unparse(value)})"


def _changed_calls(function: ast.expr, args: list[ast.expr], keywords: list[ast.keyword]) -> Iterator[tuple[str, str]]:
    name = (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )
    if name in OPPOSITES:
        other = (
            ast.Name(OPPOSITES[name])
            if isinstance(function, ast.Name)
            else ast.Attribute(function.value, OPPOSITES[name])  # type: ignore[attr-defined]
        )
        yield "opposite", _code(ast.Call(other, args, keywords))
    plain = not any(isinstance(arg, ast.Starred) for arg in args)
    if len(args) > 1 and plain and name not in ("isinstance", "min", "max", "cast", "getattr"):
        yield "arguments", _code(ast.Call(function, [args[1], args[0], *args[2:]], keywords))


def _is_text(node: ast.expr) -> bool:
    """Text and lists are put together with + and *, which has no opposite."""
    return isinstance(node, ast.JoinedStr | ast.List | ast.Tuple) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _code(node: ast.expr) -> str:
    """In brackets where what stands round it could bind closer."""
    text = ast.unparse(ast.fix_missing_locations(node))
    return text if isinstance(node, ast.Call | ast.Name | ast.Constant) else f"({text})"
