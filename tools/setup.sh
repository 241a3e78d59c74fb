#!/bin/sh
# Prepares a Debian 12 machine, as root, to build and test tsrun: tools/setup.sh [PACKAGE…]
# Installs only what is missing (the packages named too), and says nothing when nothing is.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# busybox-static is the root file system of the demo and of the tests.
packages="gcc libc6-dev libseccomp-dev musl-dev pkg-config busybox-static $*"

missing=
for package in $packages; do
  case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
    installed) ;;
    *) missing="$missing $package" ;;
  esac
done
if [ -n "$missing" ]; then
  say "installing$missing"
  [ "$(id -u)" = 0 ] || die "only root can install packages: apt-get install$missing"
  log=$(mktemp)
  # A machine that was just made has no package lists, an old one has lists of files that are gone.
  # shellcheck disable=SC2086 # one word for each package
  { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $missing; } \
    >"$log" 2>&1 </dev/null || { cat "$log" >&2; die "apt-get could not install$missing"; }
  rm -f "$log"
fi

# at_least HAVE WANT: compares dotted numbers.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

command -v node >/dev/null || die "node is missing: install Node.js 20 or later (https://nodejs.org)"
node_version=$(node --version)
at_least "${node_version#v}" 20 || die "node $node_version is too old: 20 or later is needed"

# rustup's place, which a shell that is no login shell does not know
PATH=$PATH:${CARGO_HOME:-${HOME:-/root}/.cargo}/bin
wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' native/Cargo.toml)
command -v cargo >/dev/null || die "cargo is missing: install Rust $wanted or later (https://rustup.rs)"
rust_version=$(rustc --version | cut -d ' ' -f 2)
at_least "$rust_version" "$wanted" || die "rust $rust_version is too old: $wanted or later is needed"

# npm notes what it installed; the note is as old as the lock file if that has not changed since.
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say "npm ci"
  npm ci --silent --no-audit --no-fund </dev/null || die "npm ci failed"
fi
