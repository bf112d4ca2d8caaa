#!/bin/sh
# Writes the three lock files from pyproject.toml: exact versions and hashes, no addresses, good for every Python from 3.11 on.
#   requirements.lock        what the daemon runs with
#   requirements-build.lock  what builds the package
#   requirements-dev.lock    all of it, tests, lint and measurements included
set -eu
cd "$(dirname "$0")/../.."

uv=$(command -v uv || true)
[ -n "$uv" ] || uv=.venv/bin/uv
[ -x "$uv" ] || { echo "uv is missing: \`.venv/bin/pip install uv\`, then \`make lock\` again" >&2; exit 1; }

compile() { # OUTPUT ARGUMENTS…: an existing lock is the wish for its versions; `make lock UPGRADE=1` asks for the newest
    output=$1
    shift
    "$uv" pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-index-url \
        --python-version 3.11 ${UPGRADE:+--upgrade} --output-file "$output" "$@" >/dev/null
    echo "$output: $(grep -c '==' "$output") packages"
}

# The later ones keep to the versions of the first, so that what is tested is what runs.
compile requirements.lock pyproject.toml
compile requirements-build.lock --group build
compile requirements-dev.lock pyproject.toml --constraints requirements.lock --constraints requirements-build.lock \
    --group build --group bench --group dev
