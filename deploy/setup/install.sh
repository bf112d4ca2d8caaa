#!/bin/sh
# Installs the daemon from this checkout into a folder of its own, or brings one up to date that is there:
#
#   deploy/setup/install.sh [FOLDER]        (default: /opt/siaga112)
#
# Exactly the packages of requirements.lock, hashes checked. Touches nothing else of the machine; a daemon that runs goes
# on with the old code until it is restarted.
set -eu
cd "$(dirname "$0")/../.."
folder=${1:-/opt/siaga112}

python=$(./deploy/setup/python.sh) || { echo "install: Python 3.11 or later is needed" >&2; exit 1; }
"$python" -c 'import ensurepip, venv' 2>/dev/null || {
    echo "install: \`apt-get install python3-venv\` first" >&2
    exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

[ -x "$folder/bin/python" ] || "$python" -m venv "$folder"
install_into() { # ENVIRONMENT ARGUMENTS…
    environment=$1
    shift
    "$environment/bin/python" -m pip --disable-pip-version-check --no-input install -qq "$@"
}
install_into "$folder" --require-hashes --only-binary=:all: -r requirements.lock
"$python" -m venv "$work/build"
install_into "$work/build" --require-hashes --only-binary=:all: -r requirements-build.lock
"$work/build/bin/python" -m pip --disable-pip-version-check wheel -qq --no-deps --no-build-isolation --no-index \
    --wheel-dir "$work" .
install_into "$folder" --no-deps --no-index --force-reinstall "$work"/siaga112-*.whl
"$folder/bin/siaga112" --version
