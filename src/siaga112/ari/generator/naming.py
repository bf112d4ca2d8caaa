"""How Asterisk's names become Python's.

The words of a Swagger nickname are kept and only their case changes (`continueInDialplan` becomes
`continue_in_dialplan`, `sendDTMF` becomes `send_dtmf`): whoever knows Asterisk's documentation or
ari-py finds the operation without a dictionary. A name that Python reserves gets a trailing
underscore.
"""

import keyword
import re

from siaga112.ari.generator.description import Operation, Parameter

_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PATH_PARAMETER = re.compile(r"\{(\w+)\}")

SCALARS = {"string": "str", "int": "int", "long": "int", "double": "float", "boolean": "bool"}


def snake(name: str) -> str:
    """Turn camelCase into snake_case."""
    words = _WORD_STARTS.sub("_", name).lower()
    return f"{words}_" if keyword.iskeyword(words) else words


def in_path_order(operation: Operation) -> list[Parameter]:
    """List the path's parameters in the order in which the path names them."""
    by_name = {p.name: p for p in operation.parameters if p.place == "path"}
    return [by_name[name] for name in _PATH_PARAMETER.findall(operation.path)]


def path_expression(operation: Operation) -> str:
    """Write the path as a Python string, its parameters quoted."""
    text = _PATH_PARAMETER.sub(lambda m: f"{{quoted({snake(m[1])})}}", operation.path)
    return f'f"{text}"' if text != operation.path else f'"{text}"'
