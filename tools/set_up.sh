#!/bin/sh
# Sets up a fresh Debian or Raspberry Pi OS. Usage: tools/set_up.sh python|system
#   python  .venv with the packages of requirements.lock and the project itself: all that the program and its demo need
#   system  what the tests need of the system; never fails, says what is missing instead
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

# install PACKAGE...: with apt-get as root or through a sudo that asks nothing; fails where neither is possible.
install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ "$(id -u)" -eq 0 ]; then
        as_root="env"
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root="sudo env"
    else
        return 1
    fi
    say "Installing $*"
    apt="$as_root DEBIAN_FRONTEND=noninteractive apt-get -y -q -o DPkg::Lock::Timeout=120"
    $apt install --no-install-recommends "$@" >&2 && return 0
    $apt update >&2 && $apt install --no-install-recommends "$@" >&2
}

fresh_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
makes_venvs() { fresh_enough "$1" && "$1" -c 'import ensurepip, venv' 2>/dev/null; }

# The system's Python first: it stays when a user's own one goes.
find_python() {
    for candidate in "${PYTHON:-}" /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
        if "$1" "$candidate"; then
            printf '%s' "$candidate"
            return 0
        fi
    done
    return 1
}

make_venv() {
    fresh_enough .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1 && return 0
    if ! python=$(find_python makes_venvs); then
        python=$(find_python fresh_enough) || { say "Python 3.11 or later is needed and was not found."; exit 1; }
        install python3-venv || { say "Python's venv is missing. As root: apt-get install python3-venv"; exit 1; }
        python=$(find_python makes_venvs) || { say "python3-venv is there, and $python still makes no venv."; exit 1; }
    fi
    "$python" -m venv --clear .venv
}

set_up_python() {
    make_venv
    say "Installing the packages of requirements.lock"
    .venv/bin/python -m pip install --disable-pip-version-check --progress-bar on --require-hashes -r requirements.lock >&2
    .venv/bin/python -m pip check --disable-pip-version-check >&2
    .venv/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable . >&2
}

# command, package: what tests/system_parts.py looks for, by the packages of Debian.
PARTS="chromium:chromium zbarimg:zbar-tools mosquitto:mosquitto"

# Others' programs that tests talk to, each with an environment of its own: PyPI's osdp installs a module of the same name
# as libosdp.
set_up_peers() {
    peer=.venv/peers/osdp
    [ -x .venv/bin/python ] || return 0
    [ -e "$peer/installed" ] && [ ! tools/osdp_peer.lock -nt "$peer/installed" ] && return 0
    say "Installing the packages of tools/osdp_peer.lock"
    if .venv/bin/python -m venv --clear "$peer" &&
        "$peer/bin/python" -m pip install --disable-pip-version-check --quiet --require-hashes -r tools/osdp_peer.lock >&2; then
        touch "$peer/installed"
    else
        rm -rf "$peer"
        say "The independent OSDP panel could not be installed; the tests that need it are skipped by name."
    fi
}

set_up_system() {
    set_up_peers
    missing=""
    for part in $PARTS; do
        PATH="$PATH:/usr/sbin" command -v "${part%%:*}" >/dev/null 2>&1 || missing="$missing ${part##*:}"
    done
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086
    install $missing && return 0
    say "Missing parts of the system:$missing"
    say "The tests that need them are skipped by name. To run them too, as root: apt-get install$missing"
}

case "${1:-}" in
    python) set_up_python ;;
    system) set_up_system ;;
    *) say "usage: tools/set_up.sh python|system"; exit 2 ;;
esac
