#!/bin/sh
# What runs in the container of the worker. All processes of a container end with it, the VMs too: so a worker that crashes is
# started again here, without an end of the container, and a stop of the container shuts the guests down before it comes.
# What was shut down so runs again at the next start.
set -u

# Present where the kernel of the host has KVM: opening it fails elsewhere. The group is the one that machines are put into.
kvm=/dev/kvm
if [ ! -e "$kvm" ] && mknod -m 0660 "$kvm" c 10 232 2>/dev/null; then
  chgrp kvm "$kvm"
  if ! (: <"$kvm") 2>/dev/null; then rm -f "$kvm"; fi
fi

child=
is_stopping=false
trap 'is_stopping=true; if [ -n "$child" ]; then kill -TERM "$child" 2>/dev/null; fi' TERM INT

# Runs a program and waits for its end, also when a signal comes in between.
run() {
  if $is_stopping; then return 143; fi
  "$@" &
  child=$!
  while :; do
    wait "$child"
    code=$?
    if ! kill -0 "$child" 2>/dev/null; then break; fi
  done
  child=
  return "$code"
}

run node services/vm-worker/dist/prepare-host.js || exit $?
while ! $is_stopping; do
  run node --no-opt --expose-gc --max-semi-space-size=2 services/vm-worker/dist/main.js
  code=$?
  # Wrong settings: another start would end as this one did.
  if [ "$code" -eq 78 ]; then break; fi
  if ! $is_stopping; then sleep 2 & child=$!; wait "$child"; fi
done

trap '' TERM INT
node services/vm-worker/dist/stop-vms.js
exit "${code:-0}"
