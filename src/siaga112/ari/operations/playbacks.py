"""Operations on playbacks.json's resources. Generated; do not edit."""

from siaga112.ari.request import Request, query_of, quoted


def get(playback_id: str) -> Request:
    """GET /playbacks/{playbackId}."""
    return Request("GET", f"/playbacks/{quoted(playback_id)}")


def stop(playback_id: str) -> Request:
    """DELETE /playbacks/{playbackId}."""
    return Request("DELETE", f"/playbacks/{quoted(playback_id)}")


def control(
    playback_id: str,
    *,
    operation: str,
) -> Request:
    """POST /playbacks/{playbackId}/control."""
    return Request(
        "POST",
        f"/playbacks/{quoted(playback_id)}/control",
        query_of(("operation", operation)),
    )
