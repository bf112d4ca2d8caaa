"""What the tests of the ear share: the network is loaded once, the sentence is spoken once."""

from collections.abc import Callable

import pytest

from siaga112.audio.detector import Detector
from siaga112.audio.network import VoiceNetwork
from siaga112.audio.replay import Outcome, Take, replay
from siaga112.audio.settings import DEFAULT
from tests.audio import clips


@pytest.fixture(scope="session")
def network() -> VoiceNetwork:
    """The network as it is shipped."""
    return VoiceNetwork()


@pytest.fixture(scope="session")
def detector(network: VoiceNetwork) -> Detector:
    """The detector with the default thresholds."""
    return Detector(network, DEFAULT)


@pytest.fixture(scope="session")
def sentence() -> clips.Sound:
    """Somebody asks for help, in about two seconds."""
    return clips.spoken("Tolong, ada kebakaran di rumah saya")


@pytest.fixture(scope="session")
def listen(detector: Detector) -> Callable[[Take], Outcome]:
    """One take through the ear."""

    def run(take: Take) -> Outcome:
        return next(replay([take], detector, DEFAULT))

    return run
