"""`python -m siaga112` is `siaga112`."""

import sys

from siaga112.cli import main

sys.exit(main())
