#!/bin/sh
# The first process of an emulated guest, in namespaces of its own: its end is the end of everything in the guest.
# Files of the guest lie in $1; its name is $2; it takes $3 seconds to go down. The user of the guest exists in here only.
set -eu
guest=$1
hostname "$2"
mount -t tmpfs -o mode=755 none /home
mkdir /home/ubuntu
chown 1000:1000 /home/ubuntu
mount -t tmpfs -o mode=755 none /run
mkdir /run/sshd
# Read with the rights of the user, to whom the directory of the guest is closed.
cp "$guest/authorized_keys" /run/authorized_keys
chmod 644 /run/authorized_keys
mkfifo /run/power
chmod 622 /run/power
mount --bind "$guest/passwd" /etc/passwd
mount --bind "$guest/group" /etc/group
mount --bind "$guest/bin" /usr/local/bin
/usr/sbin/sshd -D -e -f "$guest/sshd_config" &
# Until somebody in the guest writes to it: a shutdown from inside.
read -r wish </run/power
sleep "$3"
[ "$wish" != reboot ] || exit 77
