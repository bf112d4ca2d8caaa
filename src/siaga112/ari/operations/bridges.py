"""Operations on bridges.json's resources. Generated; do not edit."""

# ruff: noqa: A001, A002, PLR0913 (the names and their number are Asterisk's)

from collections.abc import Mapping
from typing import Any

from siaga112.ari.request import Many, Request, body_of, query_of, quoted


def list() -> Request:
    """GET /bridges."""
    return Request("GET", "/bridges")


def create(
    *,
    type: str | None = None,
    bridge_id: str | None = None,
    name: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Request:
    """POST /bridges."""
    return Request(
        "POST",
        "/bridges",
        query_of(
            ("type", type),
            ("bridgeId", bridge_id),
            ("name", name),
        ),
        body_of(variables=variables),
    )


def create_with_id(
    bridge_id: str,
    *,
    type: str | None = None,
    name: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Request:
    """POST /bridges/{bridgeId}."""
    return Request(
        "POST",
        f"/bridges/{quoted(bridge_id)}",
        query_of(
            ("type", type),
            ("name", name),
        ),
        body_of(variables=variables),
    )


def get(bridge_id: str) -> Request:
    """GET /bridges/{bridgeId}."""
    return Request("GET", f"/bridges/{quoted(bridge_id)}")


def destroy(bridge_id: str) -> Request:
    """DELETE /bridges/{bridgeId}."""
    return Request("DELETE", f"/bridges/{quoted(bridge_id)}")


def get_bridge_var(
    bridge_id: str,
    *,
    variable: str,
) -> Request:
    """GET /bridges/{bridgeId}/variable."""
    return Request(
        "GET",
        f"/bridges/{quoted(bridge_id)}/variable",
        query_of(("variable", variable)),
    )


def set_bridge_var(
    bridge_id: str,
    *,
    variable: str,
    value: str | None = None,
    report_events: bool | None = None,
) -> Request:
    """POST /bridges/{bridgeId}/variable."""
    return Request(
        "POST",
        f"/bridges/{quoted(bridge_id)}/variable",
        query_of(
            ("variable", variable),
            ("value", value),
            ("report_events", report_events),
        ),
    )


def get_bridge_vars(
    bridge_id: str,
    *,
    variables: Many,
) -> Request:
    """GET /bridges/{bridgeId}/variables."""
    return Request(
        "GET",
        f"/bridges/{quoted(bridge_id)}/variables",
        query_of(("variables", variables)),
    )


def set_bridge_vars(
    bridge_id: str,
    *,
    variables: Mapping[str, Any],
) -> Request:
    """POST /bridges/{bridgeId}/variables."""
    return Request(
        "POST",
        f"/bridges/{quoted(bridge_id)}/variables",
        body=body_of(variables=variables),
    )


def add_channel(
    bridge_id: str,
    *,
    channel: Many,
    role: str | None = None,
    absorb_dtmf: bool | None = None,
    mute: bool | None = None,
    inhibit_connected_line_updates: bool | None = None,
) -> Request:
    """POST /bridges/{bridgeId}/addChannel."""
    return Request(
        "POST",
        f"/bridges/{quoted(bridge_id)}/addChannel",
        query_of(
            ("channel", channel),
            ("role", role),
            ("absorbDTMF", absorb_dtmf),
            ("mute", mute),
            ("inhibitConnectedLineUpdates", inhibit_connected_line_updates),
        ),
    )


def remove_channel(
    bridge_id: str,
    *,
    channel: Many,
) -> Request:
    """POST /bridges/{bridgeId}/removeChannel."""
    return Request(
        "POST",
        f"/bridges/{quoted(bridge_id)}/removeChannel",
        query_of(("channel", channel)),
    )


def set_video_source(bridge_id: str, channel_id: str) -> Request:
    """POST /bridges/{bridgeId}/videoSource/{channelId}."""
    return Request("POST", f"/bridges/{quoted(bridge_id)}/videoSource/{quoted(channel_id)}")


def clear_video_source(bridge_id: str) -> Request:
    """DELETE /bridges/{bridgeId}/videoSource."""
    return Request("DELETE", f"/bridges/{quoted(bridge_id)}/videoSource")


def start_moh(
    bridge_id: str,
    *,
    moh_class: str | None = None,
) -> Request:
    """POST /bridges/{bridgeId}/moh."""
    return Request(
        "POST",
        f"/bridges/{quoted(bridge_id)}/moh",
        query_of(("mohClass", moh_class)),
    )


def stop_moh(bridge_id: str) -> Request:
    """DELETE /bridges/{bridgeId}/moh."""
    return Request("DELETE", f"/bridges/{quoted(bridge_id)}/moh")


def play(
    bridge_id: str,
    *,
    media: Many,
    announcer_format: str | None = None,
    lang: str | None = None,
    offsetms: int | None = None,
    skipms: int | None = None,
    playback_id: str | None = None,
) -> Request:
    """POST /bridges/{bridgeId}/play."""
    return Request(
        "POST",
        f"/bridges/{quoted(bridge_id)}/play",
        query_of(
            ("media", media),
            ("announcer_format", announcer_format),
            ("lang", lang),
            ("offsetms", offsetms),
            ("skipms", skipms),
            ("playbackId", playback_id),
        ),
    )


def play_with_id(
    bridge_id: str,
    playback_id: str,
    *,
    media: Many,
    announcer_format: str | None = None,
    lang: str | None = None,
    offsetms: int | None = None,
    skipms: int | None = None,
) -> Request:
    """POST /bridges/{bridgeId}/play/{playbackId}."""
    return Request(
        "POST",
        f"/bridges/{quoted(bridge_id)}/play/{quoted(playback_id)}",
        query_of(
            ("media", media),
            ("announcer_format", announcer_format),
            ("lang", lang),
            ("offsetms", offsetms),
            ("skipms", skipms),
        ),
    )


def record(
    bridge_id: str,
    *,
    name: str,
    format: str,
    recorder_format: str | None = None,
    max_duration_seconds: int | None = None,
    max_silence_seconds: int | None = None,
    if_exists: str | None = None,
    beep: bool | None = None,
    terminate_on: str | None = None,
) -> Request:
    """POST /bridges/{bridgeId}/record."""
    return Request(
        "POST",
        f"/bridges/{quoted(bridge_id)}/record",
        query_of(
            ("name", name),
            ("format", format),
            ("recorder_format", recorder_format),
            ("maxDurationSeconds", max_duration_seconds),
            ("maxSilenceSeconds", max_silence_seconds),
            ("ifExists", if_exists),
            ("beep", beep),
            ("terminateOn", terminate_on),
        ),
    )
