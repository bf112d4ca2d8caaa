"""Python text of the client's vocabulary: groups of operations, and objects that carry their own.

Knows which replies become objects with methods. Does not know how a method is carried out (`binding`).
"""

from siaga112.ari.generator.description import Api, Operation
from siaga112.ari.generator.naming import snake

LIVE = {
    "Channel": ("channels", "/channels/{channelId}", "id"),
    "Bridge": ("bridges", "/bridges/{bridgeId}", "id"),
    "Playback": ("playbacks", "/playbacks/{playbackId}", "id"),
    "LiveRecording": ("recordings", "/recordings/live/{recordingName}", "name"),
    "StoredRecording": ("recordings", "/recordings/stored/{recordingName}", "name"),
}
"""What has methods of its own: where its operations are, and which member names it."""

HEADER = '''"""ari-py's vocabulary: groups and objects with their operations, typed. Generated; do not edit.

`client.channels.originate(...)` is an entry of a group, `channel.answer()` one of an object; each takes
the parameters of the operation that it names and returns an awaitable of what the reply becomes.
"""

from typing import Any

from siaga112.ari import models, operations
from siaga112.ari.binding import Call, Carrier, Group, Live, On, nothing, one, raw, several
'''


def objects(api: Api) -> str:
    """Write objects.py."""
    parts = [HEADER, *(_decoders(name) for name in LIVE)]
    parts += [_object(api, name) for name in LIVE]
    parts += [_group(name, operations) for name, operations in api.groups.items() if operations]
    return "\n\n".join([*parts, _groups(list(api.groups))])


def _decoders(name: str) -> str:
    word, key = snake(name), LIVE[name][2]
    return f"""def _{word}(carrier: Carrier, body: Any) -> "{name}":
    model = models.{name}.model_validate(body)
    return {name}(carrier, model, model.{key})


def _{word}s(carrier: Carrier, body: Any) -> "list[{name}]":
    return [_{word}(carrier, item) for item in body]
"""


def _object(api: Api, name: str) -> str:
    group, prefix, _ = LIVE[name]
    own = [o for o in api.groups[group] if o.path == prefix or o.path.startswith(f"{prefix}/")]
    lines = [f"class {name}(Live[models.{name}]):", f'    """{prefix}."""', ""]
    lines += [_entry("On", group, operation) for operation in own]
    return "\n".join(lines) + "\n"


def _group(name: str, operations: tuple[Operation, ...]) -> str:
    lines = [f"class {_class_name(name)}(Group):", f'    """{name}.json."""', ""]
    lines += [_entry("Call", name, operation) for operation in operations]
    return "\n".join(lines) + "\n"


def _entry(binding: str, group: str, operation: Operation) -> str:
    name = snake(operation.nickname)
    return f"    {name} = {binding}(operations.{snake(group)}.{name}, {_decode(operation.reply)})"


def _decode(reply: str) -> str:
    if reply == "void":
        return "nothing"
    if reply == "binary":
        return "raw"
    element = reply.removeprefix("List[").removesuffix("]")
    is_list = element != reply
    if element in LIVE:
        return f"_{snake(element)}{'s' if is_list else ''}"
    return f"{'several' if is_list else 'one'}(models.{element})"


def _class_name(group: str) -> str:
    return group[0].upper() + group[1:]


def _groups(names: list[str]) -> str:
    fields = "\n".join(f"        self.{snake(n)} = {_class_name(n)}(carrier)" for n in names)
    return f'''class Groups:
    """Every group."""

    def __init__(self, carrier: Carrier) -> None:
{fields}
'''
