"""Operations on recordings.json's resources. Generated; do not edit."""

from siaga112.ari.request import Request, query_of, quoted


def list_stored() -> Request:
    """GET /recordings/stored."""
    return Request("GET", "/recordings/stored")


def get_stored(recording_name: str) -> Request:
    """GET /recordings/stored/{recordingName}."""
    return Request("GET", f"/recordings/stored/{quoted(recording_name)}")


def delete_stored(recording_name: str) -> Request:
    """DELETE /recordings/stored/{recordingName}."""
    return Request("DELETE", f"/recordings/stored/{quoted(recording_name)}")


def get_stored_file(recording_name: str) -> Request:
    """GET /recordings/stored/{recordingName}/file."""
    return Request("GET", f"/recordings/stored/{quoted(recording_name)}/file")


def copy_stored(
    recording_name: str,
    *,
    destination_recording_name: str,
) -> Request:
    """POST /recordings/stored/{recordingName}/copy."""
    return Request(
        "POST",
        f"/recordings/stored/{quoted(recording_name)}/copy",
        query_of(("destinationRecordingName", destination_recording_name)),
    )


def get_live(recording_name: str) -> Request:
    """GET /recordings/live/{recordingName}."""
    return Request("GET", f"/recordings/live/{quoted(recording_name)}")


def cancel(recording_name: str) -> Request:
    """DELETE /recordings/live/{recordingName}."""
    return Request("DELETE", f"/recordings/live/{quoted(recording_name)}")


def stop(recording_name: str) -> Request:
    """POST /recordings/live/{recordingName}/stop."""
    return Request("POST", f"/recordings/live/{quoted(recording_name)}/stop")


def pause(recording_name: str) -> Request:
    """POST /recordings/live/{recordingName}/pause."""
    return Request("POST", f"/recordings/live/{quoted(recording_name)}/pause")


def unpause(recording_name: str) -> Request:
    """DELETE /recordings/live/{recordingName}/pause."""
    return Request("DELETE", f"/recordings/live/{quoted(recording_name)}/pause")


def mute(recording_name: str) -> Request:
    """POST /recordings/live/{recordingName}/mute."""
    return Request("POST", f"/recordings/live/{quoted(recording_name)}/mute")


def unmute(recording_name: str) -> Request:
    """DELETE /recordings/live/{recordingName}/mute."""
    return Request("DELETE", f"/recordings/live/{quoted(recording_name)}/mute")
