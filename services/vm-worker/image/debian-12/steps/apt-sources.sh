#!/bin/bash
# Prints deb822 sources for Debian 12: the machine's own mirrors where they really carry Debian, else deb.debian.org.
#
# The machine may have third-party repositories whose suite is called "bookworm" too, and its mirror may be down; so each
# candidate is asked for its InRelease file by apt's own downloader (which honours proxies and certificates as apt does).
set -euo pipefail

readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
chown _apt: "$scratch" 2>/dev/null || true   # apt downloads as this user, where it exists

# All repositories that apt knows, in either file format, as "URI SUITE"; needs no downloaded lists.
configured() {
  apt-get indextargets --no-release-info --format "\$(REPO_URI) \$(RELEASE) \$(COMPONENT)" 'Created-By: Packages' \
    | awk '$3 == "main" { print $1, $2 }' | sort -u
}

is_debian() { # URI SUITE
  local file=$scratch/InRelease
  rm -f "$file"
  timeout 60 /usr/lib/apt/apt-helper -o Acquire::Retries=1 download-file "${1%/}/dists/$2/InRelease" "$file" >&2 || return 1
  grep -qx 'Origin: Debian' "$file" && grep -qx "Codename: $2" "$file"
}

# SUITE FALLBACK_URI
stanza() {
  local uri=$2 candidate suite
  while read -r candidate suite; do
    if [ "$suite" = "$1" ] && is_debian "$candidate" "$1"; then
      uri=$candidate
      break
    fi
  done < "$scratch/configured"
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n\n' "$uri" "$1" "$keyring"
}

configured > "$scratch/configured" || : > "$scratch/configured"
stanza bookworm http://deb.debian.org/debian
stanza bookworm-updates http://deb.debian.org/debian
stanza bookworm-security http://deb.debian.org/debian-security
