#!/bin/sh
# Prints a Python of 3.11 or later: $PYTHON if given, else the system's own, else the newest that is there. Fails if none is.
set -eu
for one in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if "$one" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        echo "$one"
        exit 0
    fi
done
exit 1
