"""Python text of the models: a frozen pydantic class for each JSON object, the union of events.

Knows how Asterisk's types are spelled in Python. Does not know the operations.
"""

from siaga112.ari.generator.description import Api, Model, Property
from siaga112.ari.generator.naming import SCALARS, snake

HEADER = '''"""What Asterisk sends, as frozen pydantic models. Generated; do not edit.

Written by `python -m siaga112.ari.generate` from the rest-api descriptions (names and types only),
and therefore longer than a file written by hand may be. A member that a description calls required
is required here, every other one may be missing, and members that none names are ignored.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from siaga112.ari import reading


class Model(BaseModel):
    """What all models have in common."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)
'''

MESSAGE = "Message"
RENAMED = {"Event": "BaseEvent"}
"""`Event` names the union of all events, which is what a signature wants to say."""

STRINGS = "dict[str, str]"
OBJECTS = {
    ("Channel", "channelvars"): STRINGS,
    ("Bridge", "bridgevars"): STRINGS,
    ("TextMessage", "variables"): STRINGS,
    ("Variables", "variables"): STRINGS,
}
"""Where the description says only "object" and Asterisk's source says what is in it."""


def models(api: Api) -> str:
    """Write models.py."""
    classes = [_class(api, model) for model in _bases_first(api)]
    return "\n\n".join([HEADER, *classes, _union(events(api))])


def events(api: Api) -> list[str]:
    """Name every message that has a type of its own."""
    inner = {parent for model in api.models.values() for parent in model.parents}
    return sorted(n for n in api.models if n not in inner and _is_message(api, n))


def _is_message(api: Api, name: str) -> bool:
    return any(p == MESSAGE or _is_message(api, p) for p in api.models[name].parents)


def _bases_first(api: Api) -> list[Model]:
    """Order the models so that each stands below all that it mentions."""
    done: dict[str, Model] = {}

    def place(name: str) -> None:
        model = api.models[name]
        for needed in (*model.parents, *(_element(p.type) for p in model.properties)):
            if needed in api.models and needed not in done:
                place(needed)
        done[name] = model

    for name in api.models:
        if name not in done:
            place(name)
    return list(done.values())


def _class(api: Api, model: Model) -> str:
    bases = ", ".join(RENAMED.get(p, p) for p in model.parents) or "Model"
    lines = [f"class {RENAMED.get(model.name, model.name)}({bases}):"]
    lines += [f'    """{model.name} in {model.group}.json."""', ""]
    if model.name in events(api):
        lines.append(f'    type: Literal["{model.name}"] = "{model.name}"')
    # Those that must be there come first: pydantic's keyword arguments do not mind, readers do.
    ordered = sorted(model.properties, key=lambda p: not p.required)
    lines += [f"    {_member(model, p)}" for p in ordered]
    return "\n".join(lines).rstrip() + "\n"


def _member(model: Model, member: Property) -> str:
    kind = OBJECTS.get((model.name, member.name)) or python_type(member.type)
    name = snake(member.name) if member.name == "from" else member.name
    alias = f'alias="{member.name}"' if name != member.name else ""
    if member.required:
        return f"{name}: {kind} = Field({alias})" if alias else f"{name}: {kind}"
    default = f"Field(default=None, {alias})" if alias else "None"
    return f"{name}: {kind} | None = {default}"


def python_type(swagger: str) -> str:
    """Spell a Swagger type in Python."""
    if swagger.startswith("List["):
        return f"list[{python_type(_element(swagger))}]"
    known = {**SCALARS, "Date": "datetime", "object": "dict[str, Any]"}
    return known.get(swagger, swagger)


def _element(swagger: str) -> str:
    return swagger.removeprefix("List[").removesuffix("]")


def _union(names: list[str]) -> str:
    alternatives = "\n".join(f"    | {name}" for name in names)[len("    | ") :]
    return f"""Event: TypeAlias = (
    {alternatives}
)

# Ids and times come once each: to remember them as well would fill the memory of every daemon by a megabyte.
EVENT: TypeAdapter[Event] = TypeAdapter(
    Annotated[Event, Field(discriminator="type")], config=ConfigDict(cache_strings="keys")
)

UnknownEvent: TypeAlias = reading.UnknownEvent


def parse_event(data: bytes | str | dict[str, Any]) -> Event | UnknownEvent:
    \"\"\"Read one event; raises `BadEventError` for what is not JSON or not whole.\"\"\"
    return reading.read(EVENT, data)
"""
