"""Operations on deviceStates.json's resources. Generated; do not edit."""

# ruff: noqa: A001 (the names and their number are Asterisk's)

from siaga112.ari.request import Request, query_of, quoted


def list() -> Request:
    """GET /deviceStates."""
    return Request("GET", "/deviceStates")


def get(device_name: str) -> Request:
    """GET /deviceStates/{deviceName}."""
    return Request("GET", f"/deviceStates/{quoted(device_name)}")


def update(
    device_name: str,
    *,
    device_state: str,
) -> Request:
    """PUT /deviceStates/{deviceName}."""
    return Request(
        "PUT",
        f"/deviceStates/{quoted(device_name)}",
        query_of(("deviceState", device_state)),
    )


def delete(device_name: str) -> Request:
    """DELETE /deviceStates/{deviceName}."""
    return Request("DELETE", f"/deviceStates/{quoted(device_name)}")
