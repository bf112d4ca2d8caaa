#!/bin/sh
# Installs the few Debian packages that the lab and the Python environment stand on, and those that are named
# (`system.sh espeak-ng`, each with a command of its own name). Does nothing where all are there.
# Asterisk, PostgreSQL and SIPp are not among them: they go into a root folder of their own, never into this machine.
set -eu

say() { echo "setup: $*" >&2; }
die() { say "$*"; exit 1; }
# An ordinary user of Debian has no /usr/sbin in PATH, and some of what we look for is there.
PATH=$PATH:/usr/sbin:/sbin
has() { command -v "$1" >/dev/null 2>&1; }

missing=
need() { # PACKAGE COMMAND: the package is wanted when the command is not there
    has "$2" || missing="$missing $1"
}

need mmdebstrap mmdebstrap      # builds the lab's root folder
need bubblewrap bwrap           # runs programs in it
need util-linux setpriv         # ends them with us
need mount mount                # mmdebstrap gives the folder its /proc while packages are set up
need ca-certificates update-ca-certificates
[ "$(id -u)" = 0 ] || need uidmap newuidmap     # lets mmdebstrap work without being root
for package in "$@"; do need "$package" "$package"; done
# On Ubuntu, Debian's own keys are a package, and gpg finds out which of them a mirror is signed with.
if [ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ] && [ ! -e /usr/share/keyrings/debian-archive-keyring.pgp ]; then
    missing="$missing debian-archive-keyring"
    need gpg gpg
fi
# Debian keeps the part of Python that makes environments apart from Python.
python=$("$(dirname "$0")/python.sh" || true)
if [ -z "$python" ]; then
    need python3 python3
    missing="$missing python3-venv"
elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    case $python in
    python3) missing="$missing python3-venv" ;;
    *) missing="$missing $(basename "$python")-venv" ;;
    esac
fi

[ -n "$missing" ] || exit 0

has apt-get || die "missing:$missing. This is no Debian or Ubuntu (no apt-get): install them in this system's own way."
as_root=
if [ "$(id -u)" != 0 ]; then
    has sudo || die "missing:$missing. Become root, or install sudo: \`apt-get install$missing\`"
    as_root=sudo
    [ -t 0 ] || as_root="sudo -n"
fi
say "installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt() { $as_root apt-get -q -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@" </dev/null; }
apt update >/dev/null || say "the package lists could not be refreshed; trying with those that are there"
# The names are words on purpose.
# shellcheck disable=SC2086
apt install -y --no-install-recommends $missing >/dev/null ||
    die "apt-get could not install$missing; see its message above"

python=$("$(dirname "$0")/python.sh" || true)
[ -n "$python" ] || die "Python 3.11 or later is needed, this system's python3 is $(python3 -V 2>&1 | cut -d' ' -f2). \
Install one, e.g. \`apt-get install python3.12 python3.12-venv\`, or name it: \`make setup PYTHON=/path/to/python3.12\`"
