"""Operations on asterisk.json's resources. Generated; do not edit."""

# ruff: noqa: A002 (the names and their number are Asterisk's)

from collections.abc import Mapping

from siaga112.ari.request import Many, Request, body_of, query_of, quoted


def get_object(config_class: str, object_type: str, id: str) -> Request:
    """GET /asterisk/config/dynamic/{configClass}/{objectType}/{id}."""
    return Request(
        "GET",
        f"/asterisk/config/dynamic/{quoted(config_class)}/{quoted(object_type)}/{quoted(id)}",
    )


def update_object(
    config_class: str,
    object_type: str,
    id: str,
    *,
    fields: list[Mapping[str, str]] | None = None,
) -> Request:
    """PUT /asterisk/config/dynamic/{configClass}/{objectType}/{id}."""
    return Request(
        "PUT",
        f"/asterisk/config/dynamic/{quoted(config_class)}/{quoted(object_type)}/{quoted(id)}",
        body=body_of(fields=fields),
    )


def delete_object(config_class: str, object_type: str, id: str) -> Request:
    """DELETE /asterisk/config/dynamic/{configClass}/{objectType}/{id}."""
    return Request(
        "DELETE",
        f"/asterisk/config/dynamic/{quoted(config_class)}/{quoted(object_type)}/{quoted(id)}",
    )


def get_info(
    *,
    only: Many | None = None,
) -> Request:
    """GET /asterisk/info."""
    return Request(
        "GET",
        "/asterisk/info",
        query_of(("only", only)),
    )


def ping() -> Request:
    """GET /asterisk/ping."""
    return Request("GET", "/asterisk/ping")


def list_modules() -> Request:
    """GET /asterisk/modules."""
    return Request("GET", "/asterisk/modules")


def get_module(module_name: str) -> Request:
    """GET /asterisk/modules/{moduleName}."""
    return Request("GET", f"/asterisk/modules/{quoted(module_name)}")


def load_module(module_name: str) -> Request:
    """POST /asterisk/modules/{moduleName}."""
    return Request("POST", f"/asterisk/modules/{quoted(module_name)}")


def unload_module(module_name: str) -> Request:
    """DELETE /asterisk/modules/{moduleName}."""
    return Request("DELETE", f"/asterisk/modules/{quoted(module_name)}")


def reload_module(module_name: str) -> Request:
    """PUT /asterisk/modules/{moduleName}."""
    return Request("PUT", f"/asterisk/modules/{quoted(module_name)}")


def list_log_channels() -> Request:
    """GET /asterisk/logging."""
    return Request("GET", "/asterisk/logging")


def add_log(
    log_channel_name: str,
    *,
    configuration: str,
) -> Request:
    """POST /asterisk/logging/{logChannelName}."""
    return Request(
        "POST",
        f"/asterisk/logging/{quoted(log_channel_name)}",
        query_of(("configuration", configuration)),
    )


def delete_log(log_channel_name: str) -> Request:
    """DELETE /asterisk/logging/{logChannelName}."""
    return Request("DELETE", f"/asterisk/logging/{quoted(log_channel_name)}")


def rotate_log(log_channel_name: str) -> Request:
    """PUT /asterisk/logging/{logChannelName}/rotate."""
    return Request("PUT", f"/asterisk/logging/{quoted(log_channel_name)}/rotate")


def get_global_var(
    *,
    variable: str,
) -> Request:
    """GET /asterisk/variable."""
    return Request(
        "GET",
        "/asterisk/variable",
        query_of(("variable", variable)),
    )


def set_global_var(
    *,
    variable: str,
    value: str | None = None,
) -> Request:
    """POST /asterisk/variable."""
    return Request(
        "POST",
        "/asterisk/variable",
        query_of(
            ("variable", variable),
            ("value", value),
        ),
    )
