"""Operations on sounds.json's resources. Generated; do not edit."""

# ruff: noqa: A001, A002 (the names and their number are Asterisk's)

from siaga112.ari.request import Request, query_of, quoted


def list(
    *,
    lang: str | None = None,
    format: str | None = None,
) -> Request:
    """GET /sounds."""
    return Request(
        "GET",
        "/sounds",
        query_of(
            ("lang", lang),
            ("format", format),
        ),
    )


def get(sound_id: str) -> Request:
    """GET /sounds/{soundId}."""
    return Request("GET", f"/sounds/{quoted(sound_id)}")
