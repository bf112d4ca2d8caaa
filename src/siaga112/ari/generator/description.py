"""Asterisk's rest-api JSON, read down to names and types.

Knows the Swagger 1.1 dialect of Asterisk's files. Does not know Python's side of anything, and
keeps none of the prose: the reduced copy in `ari/api/` is made here.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PARAMETER_KEYS = ("name", "paramType", "dataType", "required", "allowMultiple")
OPERATION_KEYS = ("httpMethod", "nickname", "upgrade", "responseClass")
MODEL_KEYS = ("id", "discriminator", "subTypes")
PROPERTY_KEYS = ("type", "required")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation; `place` is path, query or body."""

    name: str
    place: str
    type: str
    required: bool
    many: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path."""

    nickname: str
    method: str
    path: str
    reply: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Property:
    """One member of a model."""

    name: str
    type: str
    required: bool


@dataclass(frozen=True, slots=True)
class Model:
    """One JSON object that Asterisk sends."""

    name: str
    group: str
    parents: tuple[str, ...]
    properties: tuple[Property, ...]


@dataclass(frozen=True, slots=True)
class Api:
    """All of it: operations by group (`channels`, …) and models in the order of the files."""

    groups: dict[str, tuple[Operation, ...]]
    models: dict[str, Model]


def reduce(folder: Path) -> dict[str, dict[str, Any]]:
    """Read every description in a folder, keeping names and types only, by file name."""
    raw = {path.name: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}
    return {name: _reduced(content) for name, content in raw.items() if "resourcePath" in content}


def understand(files: dict[str, dict[str, Any]]) -> Api:
    """Turn reduced files into an `Api`."""
    groups = {Path(name).stem: _operations(content) for name, content in files.items()}
    return Api(groups, _models(files))


def _reduced(content: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourcePath": content["resourcePath"],
        "apis": [_reduced_path(api) for api in content["apis"]],
        "models": {name: _reduced_model(model) for name, model in content["models"].items()},
    }


def _reduced_path(api: dict[str, Any]) -> dict[str, Any]:
    operations = [
        _only(operation, OPERATION_KEYS)
        | {"parameters": [_only(p, PARAMETER_KEYS) for p in operation.get("parameters", ())]}
        for operation in api["operations"]
    ]
    return {"path": api["path"], "operations": operations}


def _reduced_model(model: dict[str, Any]) -> dict[str, Any]:
    properties = {n: _only(p, PROPERTY_KEYS) for n, p in model["properties"].items()}
    return _only(model, MODEL_KEYS) | {"properties": properties}


def _only(source: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: source[key] for key in keys if key in source}


def _operations(content: dict[str, Any]) -> tuple[Operation, ...]:
    return tuple(
        Operation(
            operation["nickname"],
            operation["httpMethod"],
            api["path"],
            operation["responseClass"],
            tuple(_parameter(p) for p in operation["parameters"]),
        )
        for api in content["apis"]
        for operation in api["operations"]
        # The one upgrade is the event socket itself, which the connection opens.
        if "upgrade" not in operation
    )


def _parameter(raw: dict[str, Any]) -> Parameter:
    place = raw["paramType"]
    required = place == "path" or bool(raw.get("required"))
    return Parameter(raw["name"], place, raw["dataType"], required, bool(raw.get("allowMultiple")))


def _models(files: dict[str, dict[str, Any]]) -> dict[str, Model]:
    raw = [
        (name, Path(file).stem, model)
        for file, content in files.items()
        for name, model in content["models"].items()
    ]
    parents: dict[str, tuple[str, ...]] = {}
    for name, _, model in raw:
        for child in model.get("subTypes", ()):
            parents[child] = (*parents.get(child, ()), name)
    return {name: Model(name, group, parents.get(name, ()), _properties(model)) for name, group, model in raw}


def _properties(model: dict[str, Any]) -> tuple[Property, ...]:
    members = model["properties"].items()
    return tuple(Property(name, p["type"], bool(p.get("required"))) for name, p in members)
