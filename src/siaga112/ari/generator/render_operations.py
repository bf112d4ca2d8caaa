"""Python text of the operations: one pure function each, one module for each group.

Knows which parameter goes where (path, query, body). Does not know what a reply looks like.
"""

from siaga112.ari.generator.description import Api, Operation, Parameter
from siaga112.ari.generator.naming import SCALARS, in_path_order, path_expression, snake

BUILTINS = {"list", "filter", "type", "format", "id"}
MANY_PARAMETERS = 5
LINE = 100

WHOLE_BODY = {"filter"}
"""Body parameters that are the whole body; every other one is a member of it."""


def modules(api: Api) -> dict[str, str]:
    """Write every module of `operations/`, by file name."""
    written = {f"{snake(group)}.py": _module(group, ops) for group, ops in api.groups.items()}
    return {**written, "__init__.py": _package(sorted(snake(group) for group in api.groups))}


def _package(groups: list[str]) -> str:
    names = "\n".join(f"    {name}," for name in groups)
    exported = "\n".join(f'    "{name}",' for name in groups)
    return f'''"""ARI's operations, pure functions that return a `Request`. Generated; do not edit.

Grouped as Asterisk groups them (`channels.originate`, `bridges.add_channel`). Knows nothing of
sockets.
"""

from siaga112.ari.operations import (
{names}
)

__all__ = [
{exported}
]
'''


def _module(group: str, operations: tuple[Operation, ...]) -> str:
    text = "\n\n\n".join(_function(operation) for operation in operations)
    imports = ["from siaga112.ari.request import " + _needed(text)]
    typing = ["from typing import Any"] if "Any]" in text else []
    if "Mapping[" in text:
        imports = ["from collections.abc import Mapping", *typing, "", *imports]
    head = f'"""Operations on {group}.json\'s resources. Generated; do not edit."""'
    rules = _suppressed(operations)
    noqa = [f"# ruff: noqa: {', '.join(rules)} (the names and their number are Asterisk's)"]
    return "\n".join([head, "", *(noqa if rules else []), *([""] if rules else []), *imports]) + (
        f"\n\n\n{text}\n"
    )


def _needed(text: str) -> str:
    present = {
        "Many": ": Many" in text,
        "Request": True,
        "body_of": "body_of(" in text,
        "query_of": "query_of(" in text,
        "quoted": "{quoted(" in text,
    }
    return ", ".join(name for name, used in present.items() if used)


def _suppressed(operations: tuple[Operation, ...]) -> list[str]:
    rules = {
        "A001": any(snake(o.nickname) in BUILTINS for o in operations),
        "A002": any(snake(p.name) in BUILTINS for o in operations for p in o.parameters),
        "PLR0913": any(len(o.parameters) > MANY_PARAMETERS for o in operations),
    }
    return [rule for rule, broken in rules.items() if broken]


def _function(operation: Operation) -> str:
    return "\n".join(
        [
            f"def {snake(operation.nickname)}({_signature(operation)}) -> Request:",
            f'    """{operation.method} {operation.path}."""',
            _call(operation),
        ]
    )


def _signature(operation: Operation) -> str:
    named = sorted((p for p in operation.parameters if p.place != "path"), key=_is_optional)
    texts = [f"{snake(p.name)}: str" for p in in_path_order(operation)]
    texts += ["*"] if named else []
    texts += [_annotated(p) for p in named]
    return "\n" + "".join(f"    {text},\n" for text in texts) if named else ", ".join(texts)


def _is_optional(parameter: Parameter) -> bool:
    return not parameter.required


def _annotated(parameter: Parameter) -> str:
    kind = _python_type(parameter)
    suffix = "" if parameter.required else " | None = None"
    return f"{snake(parameter.name)}: {kind}{suffix}"


def _python_type(parameter: Parameter) -> str:
    if parameter.place == "body":
        # The one list among the bodies: the fields of a configuration object.
        members = parameter.name == "fields"
        return "list[Mapping[str, str]]" if members else "Mapping[str, Any]"
    return "Many" if parameter.many else SCALARS[parameter.type]


def _call(operation: Operation) -> str:
    asked = [p for p in operation.parameters if p.place == "query"]
    bodies = [p for p in operation.parameters if p.place == "body"]
    arguments = [f'"{operation.method}"', path_expression(operation)]
    arguments += [_query(asked)] if asked else []
    arguments += [_body(bodies[0], named=not asked)] if bodies else []
    if not asked and not bodies:
        line = f"    return Request({', '.join(arguments)})"
        if len(line) <= LINE:
            return line
    inner = "".join(f"        {argument},\n" for argument in arguments)
    return f"    return Request(\n{inner}    )"


def _query(parameters: list[Parameter]) -> str:
    pairs = [f'("{p.name}", {snake(p.name)})' for p in parameters]
    if len(pairs) == 1:
        return f"query_of({pairs[0]})"
    return "query_of(\n" + "".join(f"            {pair},\n" for pair in pairs) + "        )"


def _body(parameter: Parameter, *, named: bool) -> str:
    name = snake(parameter.name)
    text = name if parameter.name in WHOLE_BODY else f"body_of({name}={name})"
    return f"body={text}" if named else text
