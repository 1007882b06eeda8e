#!/bin/bash
# bootstrap.sh ROOT PACKAGES_LIST GUEST_FILES: unpacks and configures Debian 12 into the new directory ROOT.
set -euo pipefail
root=$1 packages_list=$2 guest=$3
here=$(dirname "$(readlink -f "$0")")

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
"$here/apt-sources.sh" > "$scratch/debian.sources"
cat "$scratch/debian.sources" >&2

# mmdebstrap's apt reads nothing of the host's configuration; how to reach the network must be handed on: proxies, TLS,
# credentials, time-outs. (It lands in the guest's apt configuration, and is removed from there by customise.sh.)
{
  apt-config dump | grep -E '^Acquire::(http|https|ftp|Retries|ForceIPv[46]|Check-Valid-Until|Check-Date|Proxy)' || true
  eval "$(apt-config shell netrc Dir::Etc::netrc/f netrcparts Dir::Etc::netrcparts/d)"
  # shellcheck disable=SC2154 # both are set by the eval above
  printf 'Dir::Etc::netrc "%s";\nDir::Etc::netrcparts "%s";\n' "$netrc" "$netrcparts"
} > "$scratch/apt.conf"

packages=$(sed -e 's/#.*//' "$packages_list" | xargs | tr ' ' ,)

# The excluded drivers are for hardware that no VM of ours has. The initrd's configuration must be there before the kernel is.
mmdebstrap --mode=root --variant=minbase --architectures=amd64 --include="$packages" \
  --aptopt="$scratch/apt.conf" \
  --dpkgopt='force-unsafe-io' \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/info/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-include=/usr/share/locale/locale.alias' \
  --dpkgopt='path-exclude=/lib/modules/*/kernel/drivers/infiniband/*' \
  --dpkgopt='path-exclude=/lib/modules/*/kernel/drivers/net/ethernet/*' \
  --dpkgopt='path-exclude=/lib/modules/*/kernel/drivers/target/*' \
  --dpkgopt='path-exclude=/lib/modules/*/kernel/fs/ceph/*' \
  --essential-hook="copy-in '$guest/etc/tiny-initramfs' /etc" \
  bookworm "$root" "$scratch/debian.sources"
