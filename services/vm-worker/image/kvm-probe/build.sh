#!/bin/bash
# Assembles probe.S into probe.rom.gz.b64 (gzip, base64: the ROM is 64 KiB, nearly all zeros), which is committed, so that
# nobody needs an assembler to run a node. Needs binutils.
#
#   build.sh [--check]    with --check: compares instead of writing
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT

as --64 -o "$work/probe.o" "$here/probe.S"
ld -m elf_x86_64 -Ttext=0 -e start -o "$work/probe.elf" "$work/probe.o"
objcopy -O binary -j .text "$work/probe.elf" "$work/probe.rom"
[ "$(stat -c %s "$work/probe.rom")" = 65536 ] || { echo 'the ROM is not 64 KiB' >&2; exit 1; }
gzip -9 -n -c "$work/probe.rom" | base64 > "$work/probe.rom.gz.b64"

if [ "${1:-}" = --check ]; then
  # the content counts: another gzip may pack it differently
  base64 -d "$here/probe.rom.gz.b64" | gzip -dc | cmp - "$work/probe.rom"
else
  cp "$work/probe.rom.gz.b64" "$here/probe.rom.gz.b64"
fi
