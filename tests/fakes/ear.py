"""An ear's process that hears nothing and says what a test wants: `python ear.py WORDS CONTROL SOUND`.

`silent`: every caller is taken for silent at once; the key 9 kills it. `deaf`: its detector cannot be loaded.
"""

import json
import socket
import sys
import time
from dataclasses import asdict
from typing import Any

from siaga112.audio import letters
from siaga112.audio.events import AudioClass, ClassChanged, Evidence, Suspicion, Verdict
from siaga112.audio.health import Health

_NOTHING = Evidence(8.0, 400, None, None, 0, "", 0, None, None, 0.0, -79.5, -79.5, -70.0, 1.0)


def _verdict() -> Verdict:
    return Verdict(AudioClass.SILENT, Suspicion.SILENT_SUSPECT, 0.0, None, 8.0, _NOTHING)


def _health(**what: Any) -> bytes:
    return letters.written(letters.HEALTH, "-", asdict(Health(**what)) | {"dry": []})


def main() -> None:
    """Read orders until nobody gives any."""
    what, control = sys.argv[1], socket.socket(fileno=int(sys.argv[2]))
    deaf = "the model is not there" if what == "deaf" else ""
    taps = 0
    with control.makefile("rwb", buffering=0) as lines:
        lines.readline()
        lines.write(_health(deaf=deaf))
        for line in lines:
            word, key, content = letters.opened(line)
            taps += {"tap": 1, "untap": -1}.get(word, 0)
            if word == "tap" and not deaf:
                event = ClassChanged(time.monotonic(), None, _verdict())
                lines.write(letters.written(letters.EVENT, key, letters.from_event(event)))
            elif word == "untap":
                lines.write(letters.written(letters.CONCLUDED, key, _verdict().as_json()))
            elif word == "press" and json.loads(content) == "9":
                return
            lines.write(_health(deaf=deaf, taps=taps, late=3))


if __name__ == "__main__":
    main()
