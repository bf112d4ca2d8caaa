"""Operations on mailboxes.json's resources. Generated; do not edit."""

# ruff: noqa: A001 (the names and their number are Asterisk's)

from siaga112.ari.request import Request, query_of, quoted


def list() -> Request:
    """GET /mailboxes."""
    return Request("GET", "/mailboxes")


def get(mailbox_name: str) -> Request:
    """GET /mailboxes/{mailboxName}."""
    return Request("GET", f"/mailboxes/{quoted(mailbox_name)}")


def update(
    mailbox_name: str,
    *,
    old_messages: int,
    new_messages: int,
) -> Request:
    """PUT /mailboxes/{mailboxName}."""
    return Request(
        "PUT",
        f"/mailboxes/{quoted(mailbox_name)}",
        query_of(
            ("oldMessages", old_messages),
            ("newMessages", new_messages),
        ),
    )


def delete(mailbox_name: str) -> Request:
    """DELETE /mailboxes/{mailboxName}."""
    return Request("DELETE", f"/mailboxes/{quoted(mailbox_name)}")
