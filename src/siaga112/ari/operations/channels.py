"""Operations on channels.json's resources. Generated; do not edit."""

# ruff: noqa: A001, A002, PLR0913 (the names and their number are Asterisk's)

from collections.abc import Mapping
from typing import Any

from siaga112.ari.request import Many, Request, body_of, query_of, quoted


def list() -> Request:
    """GET /channels."""
    return Request("GET", "/channels")


def originate(
    *,
    endpoint: str,
    extension: str | None = None,
    context: str | None = None,
    priority: int | None = None,
    label: str | None = None,
    app: str | None = None,
    app_args: str | None = None,
    caller_id: str | None = None,
    timeout: int | None = None,
    variables: Mapping[str, Any] | None = None,
    channel_id: str | None = None,
    other_channel_id: str | None = None,
    originator: str | None = None,
    formats: str | None = None,
) -> Request:
    """POST /channels."""
    return Request(
        "POST",
        "/channels",
        query_of(
            ("endpoint", endpoint),
            ("extension", extension),
            ("context", context),
            ("priority", priority),
            ("label", label),
            ("app", app),
            ("appArgs", app_args),
            ("callerId", caller_id),
            ("timeout", timeout),
            ("channelId", channel_id),
            ("otherChannelId", other_channel_id),
            ("originator", originator),
            ("formats", formats),
        ),
        body_of(variables=variables),
    )


def create(
    *,
    endpoint: str,
    app: str,
    app_args: str | None = None,
    channel_id: str | None = None,
    other_channel_id: str | None = None,
    originator: str | None = None,
    formats: str | None = None,
    variables: Mapping[str, Any] | None = None,
) -> Request:
    """POST /channels/create."""
    return Request(
        "POST",
        "/channels/create",
        query_of(
            ("endpoint", endpoint),
            ("app", app),
            ("appArgs", app_args),
            ("channelId", channel_id),
            ("otherChannelId", other_channel_id),
            ("originator", originator),
            ("formats", formats),
        ),
        body_of(variables=variables),
    )


def get(channel_id: str) -> Request:
    """GET /channels/{channelId}."""
    return Request("GET", f"/channels/{quoted(channel_id)}")


def originate_with_id(
    channel_id: str,
    *,
    endpoint: str,
    extension: str | None = None,
    context: str | None = None,
    priority: int | None = None,
    label: str | None = None,
    app: str | None = None,
    app_args: str | None = None,
    caller_id: str | None = None,
    timeout: int | None = None,
    variables: Mapping[str, Any] | None = None,
    other_channel_id: str | None = None,
    originator: str | None = None,
    formats: str | None = None,
) -> Request:
    """POST /channels/{channelId}."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}",
        query_of(
            ("endpoint", endpoint),
            ("extension", extension),
            ("context", context),
            ("priority", priority),
            ("label", label),
            ("app", app),
            ("appArgs", app_args),
            ("callerId", caller_id),
            ("timeout", timeout),
            ("otherChannelId", other_channel_id),
            ("originator", originator),
            ("formats", formats),
        ),
        body_of(variables=variables),
    )


def hangup(
    channel_id: str,
    *,
    reason_code: str | None = None,
    reason: str | None = None,
) -> Request:
    """DELETE /channels/{channelId}."""
    return Request(
        "DELETE",
        f"/channels/{quoted(channel_id)}",
        query_of(
            ("reason_code", reason_code),
            ("reason", reason),
        ),
    )


def continue_in_dialplan(
    channel_id: str,
    *,
    context: str | None = None,
    extension: str | None = None,
    priority: int | None = None,
    label: str | None = None,
) -> Request:
    """POST /channels/{channelId}/continue."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}/continue",
        query_of(
            ("context", context),
            ("extension", extension),
            ("priority", priority),
            ("label", label),
        ),
    )


def move(
    channel_id: str,
    *,
    app: str,
    app_args: str | None = None,
) -> Request:
    """POST /channels/{channelId}/move."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}/move",
        query_of(
            ("app", app),
            ("appArgs", app_args),
        ),
    )


def redirect(
    channel_id: str,
    *,
    endpoint: str,
) -> Request:
    """POST /channels/{channelId}/redirect."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}/redirect",
        query_of(("endpoint", endpoint)),
    )


def answer(channel_id: str) -> Request:
    """POST /channels/{channelId}/answer."""
    return Request("POST", f"/channels/{quoted(channel_id)}/answer")


def ring(channel_id: str) -> Request:
    """POST /channels/{channelId}/ring."""
    return Request("POST", f"/channels/{quoted(channel_id)}/ring")


def ring_stop(channel_id: str) -> Request:
    """DELETE /channels/{channelId}/ring."""
    return Request("DELETE", f"/channels/{quoted(channel_id)}/ring")


def progress(channel_id: str) -> Request:
    """POST /channels/{channelId}/progress."""
    return Request("POST", f"/channels/{quoted(channel_id)}/progress")


def send_dtmf(
    channel_id: str,
    *,
    dtmf: str | None = None,
    before: int | None = None,
    between: int | None = None,
    duration: int | None = None,
    after: int | None = None,
) -> Request:
    """POST /channels/{channelId}/dtmf."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}/dtmf",
        query_of(
            ("dtmf", dtmf),
            ("before", before),
            ("between", between),
            ("duration", duration),
            ("after", after),
        ),
    )


def mute(
    channel_id: str,
    *,
    direction: str | None = None,
) -> Request:
    """POST /channels/{channelId}/mute."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}/mute",
        query_of(("direction", direction)),
    )


def unmute(
    channel_id: str,
    *,
    direction: str | None = None,
) -> Request:
    """DELETE /channels/{channelId}/mute."""
    return Request(
        "DELETE",
        f"/channels/{quoted(channel_id)}/mute",
        query_of(("direction", direction)),
    )


def hold(channel_id: str) -> Request:
    """POST /channels/{channelId}/hold."""
    return Request("POST", f"/channels/{quoted(channel_id)}/hold")


def unhold(channel_id: str) -> Request:
    """DELETE /channels/{channelId}/hold."""
    return Request("DELETE", f"/channels/{quoted(channel_id)}/hold")


def start_moh(
    channel_id: str,
    *,
    moh_class: str | None = None,
) -> Request:
    """POST /channels/{channelId}/moh."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}/moh",
        query_of(("mohClass", moh_class)),
    )


def stop_moh(channel_id: str) -> Request:
    """DELETE /channels/{channelId}/moh."""
    return Request("DELETE", f"/channels/{quoted(channel_id)}/moh")


def start_silence(channel_id: str) -> Request:
    """POST /channels/{channelId}/silence."""
    return Request("POST", f"/channels/{quoted(channel_id)}/silence")


def stop_silence(channel_id: str) -> Request:
    """DELETE /channels/{channelId}/silence."""
    return Request("DELETE", f"/channels/{quoted(channel_id)}/silence")


def play(
    channel_id: str,
    *,
    media: Many,
    lang: str | None = None,
    offsetms: int | None = None,
    skipms: int | None = None,
    playback_id: str | None = None,
) -> Request:
    """POST /channels/{channelId}/play."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}/play",
        query_of(
            ("media", media),
            ("lang", lang),
            ("offsetms", offsetms),
            ("skipms", skipms),
            ("playbackId", playback_id),
        ),
    )


def play_with_id(
    channel_id: str,
    playback_id: str,
    *,
    media: Many,
    lang: str | None = None,
    offsetms: int | None = None,
    skipms: int | None = None,
) -> Request:
    """POST /channels/{channelId}/play/{playbackId}."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}/play/{quoted(playback_id)}",
        query_of(
            ("media", media),
            ("lang", lang),
            ("offsetms", offsetms),
            ("skipms", skipms),
        ),
    )


def record(
    channel_id: str,
    *,
    name: str,
    format: str,
    max_duration_seconds: int | None = None,
    max_silence_seconds: int | None = None,
    if_exists: str | None = None,
    beep: bool | None = None,
    terminate_on: str | None = None,
) -> Request:
    """POST /channels/{channelId}/record."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}/record",
        query_of(
            ("name", name),
            ("format", format),
            ("maxDurationSeconds", max_duration_seconds),
            ("maxSilenceSeconds", max_silence_seconds),
            ("ifExists", if_exists),
            ("beep", beep),
            ("terminateOn", terminate_on),
        ),
    )


def get_channel_var(
    channel_id: str,
    *,
    variable: str,
) -> Request:
    """GET /channels/{channelId}/variable."""
    return Request(
        "GET",
        f"/channels/{quoted(channel_id)}/variable",
        query_of(("variable", variable)),
    )


def set_channel_var(
    channel_id: str,
    *,
    variable: str,
    value: str | None = None,
    report_events: bool | None = None,
) -> Request:
    """POST /channels/{channelId}/variable."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}/variable",
        query_of(
            ("variable", variable),
            ("value", value),
            ("report_events", report_events),
        ),
    )


def get_channel_vars(
    channel_id: str,
    *,
    variables: Many,
) -> Request:
    """GET /channels/{channelId}/variables."""
    return Request(
        "GET",
        f"/channels/{quoted(channel_id)}/variables",
        query_of(("variables", variables)),
    )


def set_channel_vars(
    channel_id: str,
    *,
    variables: Mapping[str, Any],
) -> Request:
    """POST /channels/{channelId}/variables."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}/variables",
        body=body_of(variables=variables),
    )


def snoop_channel(
    channel_id: str,
    *,
    app: str,
    spy: str | None = None,
    whisper: str | None = None,
    app_args: str | None = None,
    snoop_id: str | None = None,
) -> Request:
    """POST /channels/{channelId}/snoop."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}/snoop",
        query_of(
            ("spy", spy),
            ("whisper", whisper),
            ("app", app),
            ("appArgs", app_args),
            ("snoopId", snoop_id),
        ),
    )


def snoop_channel_with_id(
    channel_id: str,
    snoop_id: str,
    *,
    app: str,
    spy: str | None = None,
    whisper: str | None = None,
    app_args: str | None = None,
) -> Request:
    """POST /channels/{channelId}/snoop/{snoopId}."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}/snoop/{quoted(snoop_id)}",
        query_of(
            ("spy", spy),
            ("whisper", whisper),
            ("app", app),
            ("appArgs", app_args),
        ),
    )


def dial(
    channel_id: str,
    *,
    caller: str | None = None,
    timeout: int | None = None,
) -> Request:
    """POST /channels/{channelId}/dial."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}/dial",
        query_of(
            ("caller", caller),
            ("timeout", timeout),
        ),
    )


def rtpstatistics(channel_id: str) -> Request:
    """GET /channels/{channelId}/rtp_statistics."""
    return Request("GET", f"/channels/{quoted(channel_id)}/rtp_statistics")


def external_media(
    *,
    app: str,
    format: str,
    channel_id: str | None = None,
    variables: Mapping[str, Any] | None = None,
    external_host: str | None = None,
    encapsulation: str | None = None,
    transport: str | None = None,
    connection_type: str | None = None,
    direction: str | None = None,
    data: str | None = None,
    transport_data: str | None = None,
) -> Request:
    """POST /channels/externalMedia."""
    return Request(
        "POST",
        "/channels/externalMedia",
        query_of(
            ("channelId", channel_id),
            ("app", app),
            ("external_host", external_host),
            ("encapsulation", encapsulation),
            ("transport", transport),
            ("connection_type", connection_type),
            ("format", format),
            ("direction", direction),
            ("data", data),
            ("transport_data", transport_data),
        ),
        body_of(variables=variables),
    )


def transfer_progress(
    channel_id: str,
    *,
    states: str,
) -> Request:
    """POST /channels/{channelId}/transfer_progress."""
    return Request(
        "POST",
        f"/channels/{quoted(channel_id)}/transfer_progress",
        query_of(("states", states)),
    )
