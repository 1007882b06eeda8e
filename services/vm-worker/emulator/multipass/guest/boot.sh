#!/bin/sh
# The first process of an emulated guest, in namespaces of its own: its end is the end of everything in the guest.
# Files of the guest lie in $1; its name is $2; it takes $3 seconds to go down, and its sshd comes up after $4.
# The user of the guest exists in here only.
set -eu
guest=$1
hostname "$2"
mount --bind "$guest/home" /home
mount -t tmpfs -o mode=755 none /run
mkdir /run/sshd
mkfifo /run/power
chmod 622 /run/power
if [ -d "$guest/files" ]; then
  # Files that the user-data asks for, in a copy that this guest alone sees.
  cp -a /etc /run/etc
  mount --bind /run/etc /etc
  cp -R "$guest/files/." /
fi
mount --bind "$guest/passwd" /etc/passwd
mount --bind "$guest/group" /etc/group
mount --bind "$guest/bin" /usr/local/bin
sleep "$4"
date +%s >/run/boot-time
/usr/sbin/sshd -D -e -f "$guest/sshd_config" &
# Until somebody in the guest writes to it: a shutdown from inside.
read -r wish </run/power
sleep "$3"
[ "$wish" != reboot ] || exit 77
