"""The voice activity network: Silero's ONNX file at 8 kHz, many callers in one run.

Knows the network's inputs and outputs. Does not know levels, thresholds or callers; a row is a row,
and a row's result does not depend on how many others are in the batch (a test holds it to that).
"""

from importlib.resources import files
from typing import Final

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # it ships no types
from numpy.typing import NDArray

from siaga112.audio.g711 import Samples
from siaga112.audio.settings import RATE

STATE: Final = 256
"""Numbers the network remembers of a caller: two layers of 128."""
CONTEXT: Final = 32
"""Samples of the last block that it wants to see again."""
MODEL: Final = "silero_vad.onnx"


def model_bytes() -> bytes:
    """The network's file as it is shipped in this package."""
    return files("siaga112.audio").joinpath("model", MODEL).read_bytes()


class VoiceNetwork:
    """Loads the network once; its runs are pure and may be made from any thread."""

    def __init__(self, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Spinning threads would burn the core that Asterisk needs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._run = onnxruntime.InferenceSession(
            model_bytes(), options, providers=["CPUExecutionProvider"]
        ).run
        self._rate = np.array(RATE, dtype=np.int64)

    def listen(
        self, blocks: Samples, state: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """One block a caller: (callers, context + block) and (callers, STATE) in.

        Returns:
            The probability of voice for each caller, and the state to bring along next time.
        """
        callers = len(blocks)
        if not callers:
            return np.zeros(0, dtype=np.float32), state
        layers = np.ascontiguousarray(state.reshape(callers, 2, 128).transpose(1, 0, 2))
        heard, after = self._run(
            None, {"input": np.ascontiguousarray(blocks), "state": layers, "sr": self._rate}
        )
        return heard[:, 0], after.transpose(1, 0, 2).reshape(callers, STATE)
