#!/bin/sh
# Makes .venv in the checkout, exactly what requirements-dev.lock says, hashes checked, wheels only (no compiler), and
# siaga112 itself from the checkout. Where pip's packages come from is pip's own configuration.
set -eu
cd "$(dirname "$0")/../.."

python=$(./deploy/setup/python.sh) || {
    echo "setup: Python 3.11 or later is needed; name one: \`make setup PYTHON=/path/to/python3.12\`" >&2
    exit 1
}
# One that is broken (its Python was taken away, the checkout was moved) is made anew.
if ! .venv/bin/python -c 'import pip' >/dev/null 2>&1 || ! .venv/bin/pip --version >/dev/null 2>&1; then
    echo "setup: .venv with $("$python" -V)" >&2
    "$python" -m venv --clear .venv
fi
echo "setup: Python packages, a minute or so" >&2
pip() { .venv/bin/python -m pip --disable-pip-version-check --no-input "$@"; }
pip install -qq --require-hashes --only-binary=:all: -r requirements-dev.lock
# The back-end that builds the package is in the lock too: nothing is fetched that no hash is known of.
pip install -qq --no-deps --no-build-isolation --no-index -e .
