#!/bin/bash
# Builds the Debian 12 guest image from Debian packages, for hosts that cannot download a cloud image.
#
#   build.sh OUT_DIR
#
# OUT_DIR appears whole or not at all, with disk.qcow2, vmlinuz, initrd.img and image.json. Progress goes to standard
# output as "stage: <text>" lines, everything else to standard error. Needs root (file ownership, chroot), but neither a
# loop device nor a mount in the host.
set -euo pipefail
umask 022
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

here=$(dirname "$(readlink -f "$0")")
readonly here
readonly virtual_size_mib=3072
readonly needed_free_mib=2048
readonly kernel_arguments='root=/dev/vda1 rw rootflags=noatime,discard console=ttyS0 net.ifnames=0 quiet loglevel=3 nowatchdog'

stage() { printf 'stage: %s\n' "$1"; }
fail() { printf 'build.sh: %s\n' "$1" >&2; exit 1; }

check_host() {
  [ "$(id -u)" = 0 ] || fail 'must be run as root'
  local architecture tool missing=()
  architecture=$(dpkg --print-architecture 2>/dev/null || uname -m)
  [ "$architecture" = amd64 ] || fail "only amd64 hosts can build this image, this one is $architecture"
  for tool in mmdebstrap sfdisk mke2fs grub-mkimage mformat mcopy qemu-img flock; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  [ -e /usr/lib/grub/i386-pc/boot.img ] || missing+=(grub-pc-bin)
  [ -d /usr/lib/grub/x86_64-efi ] || missing+=(grub-efi-amd64-bin)
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing+=(debian-archive-keyring)
  [ ${#missing[@]} = 0 ] || fail "missing on this host: ${missing[*]} (the packages are listed in host-packages.list)"
}

# A finished image is never replaced: the disks of existing VMs are overlays that break when their base changes.
is_finished() {
  [ -s "$out/image.json" ] || return 1
  local file sum files=0
  while read -r file sum; do
    files=$((files + 1))
    [ "$(sha256_of "$out/$file")" = "$sum" ] || fail "$out/$file is damaged: its checksum is not the one in image.json"
  done < <(sed -n 's/^ *"\(disk\.qcow2\|vmlinuz\|initrd\.img\)": "\([0-9a-f]\{64\}\)",\{0,1\}$/\1 \2/p' "$out/image.json")
  [ "$files" = 3 ] || fail "$out/image.json is not one of ours"
}

sha256_of() { sha256sum -- "$1" 2>/dev/null | cut -d' ' -f1; }

write_description() {
  cat > "$result/image.json" <<END
{
  "name": "debian:12",
  "release": "Debian GNU/Linux 12 (bookworm)",
  "architecture": "amd64",
  "virtual_size_bytes": $((virtual_size_mib * 1024 * 1024)),
  "disk": "disk.qcow2",
  "kernel": "vmlinuz",
  "initrd": "initrd.img",
  "kernel_arguments": "$kernel_arguments",
  "built_at": "$(date -u +%Y-%m-%dT%H:%M:%SZ)",
  "sha256": {
    "disk.qcow2": "$(sha256_of "$result/disk.qcow2")",
    "vmlinuz": "$(sha256_of "$result/vmlinuz")",
    "initrd.img": "$(sha256_of "$result/initrd.img")"
  }
}
END
}

if [ $# != 1 ] || [ -z "$1" ]; then fail 'usage: build.sh OUT_DIR'; fi
check_host
out=$(readlink -m -- "$1")
parent=$(dirname "$out")
mkdir -p "$parent"

# One build at a time beside this OUT_DIR; whoever waited finds the image finished.
exec 9< "$parent"
flock 9
if is_finished; then
  stage 'done (was built already)'
  exit 0
fi
if [ -e "$out" ] && ! rmdir "$out" 2>/dev/null; then
  fail "$out exists, but holds no finished image; remove it first"
fi
free_mib=$(($(df --output=avail -k "$parent" | tail -n 1) / 1024))
[ "$free_mib" -ge "$needed_free_mib" ] || fail "needs $needed_free_mib MiB free in $parent, there are $free_mib"

# What a killed build left behind: with the lock held, nobody else can be using it.
rm -rf --one-file-system -- "$parent/.$(basename "$out").build."*
work=$(mktemp -d "$parent/.$(basename "$out").build.XXXXXX")
child=
cleanup() {
  local status=$? patience=300
  trap - EXIT INT TERM HUP
  if [ -n "$child" ]; then
    # The whole process group, with time to leave: mmdebstrap unmounts what it mounted.
    kill -TERM -- "-$child" 2>/dev/null || true
    while kill -0 -- "-$child" 2>/dev/null && [ $((patience--)) -gt 0 ]; do sleep 0.1; done
    kill -KILL -- "-$child" 2>/dev/null || true
  fi
  rm -rf --one-file-system -- "$work"
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# In the background, as bash runs traps only between foreground commands, and a signal must end a long step at once; in a
# process group of its own (set -m), so that the end reaches the step's children. They inherit the lock: should this shell
# be killed outright, the next build waits for them.
set -m
# Where that is allowed, in a mount namespace of its own: what mmdebstrap mounts is seen by nothing else on the host, so no
# program that walks through the directories, as backups do, can keep it from being unmounted.
isolated=()
if unshare --mount true 2>/dev/null; then isolated=(unshare --mount); fi
step() {
  "${isolated[@]}" "$here/steps/$1" "${@:2}" >&2 < /dev/null &
  child=$!
  local status=0
  wait "$child" || status=$?
  child=
  [ "$status" = 0 ] || fail "$1 failed with status $status"
}

root=$work/root
result=$work/result
chmod 0711 "$work"   # apt's own unprivileged user downloads into it
mkdir "$result"

stage 'bootstrap'
step bootstrap.sh "$root" "$here/guest-packages.list" "$here/guest"
stage 'customise'
step customise.sh "$root" "$here/guest" "$kernel_arguments"
stage 'pack'
step pack.sh "$root" "$result" "$virtual_size_mib"
write_description
chmod 0644 "$result"/*
chmod 0755 "$result"
sync -f "$result"
mv -T -- "$result" "$out"
stage 'done'
