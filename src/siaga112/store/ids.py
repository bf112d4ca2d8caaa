"""Names for calls that sort by time and yet are the same whenever they are computed again.

Knows how a UUID is laid out (RFC 9562, version 8). Does not know what a call is.
"""

import hashlib
import uuid


def dated_uuid(at: float, *names: str) -> str:
    """Make the UUID of something that began `at` (Unix seconds) and is told apart by `names`.

    The first 48 bits are the milliseconds of `at`, as in version 7, the rest is a hash of the names.
    Rows of one month lie together then: the primary key's index is written at one end only, and the
    tables can be partitioned by ranges of the key itself, which random ids would not allow.
    """
    digest = hashlib.sha256("\x1f".join(names).encode("utf-8", "surrogatepass")).digest()
    value = (int(at * 1000) & (1 << 48) - 1) << 80 | int.from_bytes(digest[:10], "big")
    value = value & ~(0xF << 76) | 8 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))
