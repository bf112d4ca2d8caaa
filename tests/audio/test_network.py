"""The network's file and its runs."""

import hashlib
from importlib.resources import files

import numpy as np
import pytest

from siaga112.audio.network import CONTEXT, STATE, VoiceNetwork, model_bytes
from siaga112.audio.settings import BLOCK

SHA256 = "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"


def test_the_file_is_the_published_one() -> None:
    """Byte for byte the network of the wheel silero-vad 6.2.3: nobody trained or trimmed it."""
    assert hashlib.sha256(model_bytes()).hexdigest() == SHA256


def test_its_licence_travels_with_it() -> None:
    """MIT asks for the notice to be kept."""
    text = files("siaga112.audio").joinpath("model", "LICENSE.silero-vad").read_text("utf-8")
    assert text.startswith("MIT License")
    assert "Silero Team" in text


@pytest.mark.parametrize("callers", [1, 2, 3, 7, 16, 33, 65])
def test_company_changes_nothing(network: VoiceNetwork, callers: int) -> None:
    """A caller's probabilities are the same bit for bit alone and among others, over many blocks."""
    rng = np.random.default_rng(callers)
    together = alone = np.zeros((callers, STATE), dtype=np.float32)
    for _ in range(5):
        blocks = rng.normal(0, 0.05, (callers, CONTEXT + BLOCK)).astype(np.float32)
        heard, together = network.listen(blocks, together)
        singly = [network.listen(blocks[n : n + 1], alone[n : n + 1]) for n in range(callers)]
        assert np.array_equal(heard, np.concatenate([one for one, _ in singly]))
        alone = np.concatenate([state for _, state in singly])
        assert np.array_equal(together, alone)


def test_nobody_is_no_error(network: VoiceNetwork) -> None:
    """A tick in which nobody is awake is an empty answer."""
    none = np.zeros((0, CONTEXT + BLOCK), dtype=np.float32)
    heard, state = network.listen(none, np.zeros((0, STATE), dtype=np.float32))
    assert len(heard) == len(state) == 0
