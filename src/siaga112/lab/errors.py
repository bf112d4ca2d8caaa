"""What can go wrong in the lab, as sentences for the person who typed the command.

Knows nothing else.
"""

from siaga112.errors import Siaga112Error


class LabError(Siaga112Error):
    """The lab cannot go on; the text says why and what to do about it."""
