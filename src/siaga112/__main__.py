"""`python -m siaga112`."""

import sys

from siaga112.cli import main

if __name__ == "__main__":
    sys.exit(main())
