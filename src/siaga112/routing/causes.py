"""What ITU-T Q.850's causes, as Asterisk gives them for SIP's final responses, mean for a leg."""

from typing import Final

from siaga112.routing.words import Why

CAUSES: Final = {
    None: Why.HUNG_UP,
    0: Why.HUNG_UP,
    16: Why.HUNG_UP,
    17: Why.BUSY,
    18: Why.NO_ANSWER,
    19: Why.NO_ANSWER,
    21: Why.REJECTED,
    26: Why.HUNG_UP,
    31: Why.HUNG_UP,
    127: Why.HUNG_UP,
    32: Why.HUNG_UP,
    1: Why.UNREACHABLE,
    3: Why.UNREACHABLE,
    20: Why.UNREACHABLE,
    27: Why.UNREACHABLE,
    34: Why.UNREACHABLE,
}
