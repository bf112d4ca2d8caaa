"""G.711: bytes of a telephone line to samples and back.

Knows the two companding laws of ITU-T G.711 and which codes mean "nothing at all". Does not know
RTP, callers or what the samples mean.
"""

from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


class Law(IntEnum):
    """How the bytes of a payload stand for samples."""

    ULAW = 0
    ALAW = 1
    LINEAR = 2
    """16-bit little-endian PCM: what a recording may hold, never what the trunk sends."""

    @property
    def width(self) -> int:
        """Bytes a sample."""
        return 2 if self is Law.LINEAR else 1

    @property
    def idle(self) -> bytes:
        """The code of a line that carries nothing."""
        return (b"\xff", b"\xd5", b"\0\0")[self]


def _ulaw_table() -> NDArray[np.int16]:
    code = ~np.arange(256) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 0x07)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw_table() -> NDArray[np.int16]:
    code = np.arange(256) ^ 0x55
    exponent = (code >> 4) & 0x07
    step = ((code & 0x0F) << 4) + 8
    magnitude = np.where(exponent > 0, (step + 0x100) << np.maximum(exponent - 1, 0), step)
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


LINEAR: Final = np.stack([_ulaw_table(), _alaw_table()])
"""Row by law, column by code: the 16-bit sample."""

_FLOAT: Final = (LINEAR / np.float32(32768)).astype(np.float32)
_IDLE: Final = np.zeros((2, 256), dtype=bool)
_IDLE[Law.ULAW, [0xFF, 0x7F]] = True
_IDLE[Law.ALAW, [0xD5, 0x55]] = True


def decode(payload: bytes, law: Law) -> Samples:
    """Samples between -1 and 1; a torn last sample of linear PCM is dropped."""
    if law is Law.LINEAR:
        whole = payload[: len(payload) // 2 * 2]
        return np.frombuffer(whole, dtype="<i2").astype(np.float32) / np.float32(32768)
    samples: Samples = _FLOAT[law][np.frombuffer(payload, dtype=np.uint8)]
    return samples


def encode(samples: NDArray[np.floating], law: Law) -> bytes:
    """The nearest codes for samples between -1 and 1 (louder ones are clipped)."""
    pcm = np.clip(np.rint(np.asarray(samples, dtype=np.float64) * 32768), -32768, 32767)
    if law is Law.LINEAR:
        return pcm.astype("<i2").tobytes()
    order = np.argsort(LINEAR[law], kind="stable")
    levels = LINEAR[law][order].astype(np.float64)
    nearest = np.searchsorted((levels[:-1] + levels[1:]) / 2, pcm)
    return order[nearest].astype(np.uint8).tobytes()


def is_idle(payload: bytes, law: Law) -> bool:
    """True for digital silence: a line on which nothing is coded, not even noise."""
    if law is Law.LINEAR:
        return not any(payload)
    return bool(_IDLE[law][np.frombuffer(payload, dtype=np.uint8)].all())


def decode_blocks(codes: NDArray[np.uint8], laws: NDArray[np.intp]) -> tuple[Samples, NDArray[np.bool_]]:
    """Many callers' blocks at once: codes (callers, bytes), the law of each caller.

    Returns:
        The samples, and for each caller whether its whole block is digital silence.
    """
    rows = laws[:, None]
    idle = np.asarray(_IDLE[rows, codes].all(axis=1))
    return _FLOAT[rows, codes], idle
