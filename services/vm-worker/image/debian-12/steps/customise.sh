#!/bin/bash
# customise.sh ROOT GUEST_FILES KERNEL_ARGUMENTS: makes the fresh Debian in ROOT the guest that we want, by copying
# GUEST_FILES over it and by leaving out of the boot what a small VM has no use for.
set -euo pipefail
root=$1 guest=$2 kernel_arguments=$3
if [ -z "$root" ] || [ "$root" = / ] || [ ! -e "$root/etc/cloud/cloud.cfg" ]; then
  echo "no fresh Debian in $root" >&2
  exit 1
fi
units=$root/etc/systemd/system

in_guest() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@"; }
mask() { ln -sf /dev/null "$1"; }

# --- our files; their modes are set here, as git keeps only some of them
cp -R --no-preserve=ownership,mode "$guest/." "$root/"
mkdir -p "$root/etc/tmpfiles.d"
chmod 0755 "$root"/usr/lib/vm-guest/*
chmod 0440 "$root/etc/sudoers.d/90-ubuntu"
chmod 0600 "$root/etc/ssh/sshd_config.d/50-cloud-init.conf"

# --- nothing of the build may stay: its mirrors, proxies and dpkg options
rm -f "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/0000* \
  "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap

# --- identity: each VM gets its own
echo debian > "$root/etc/hostname"
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n127.0.1.1 debian\n' > "$root/etc/hosts"
: > "$root/etc/machine-id"
rm -f "$root"/var/lib/dbus/machine-id "$root"/etc/ssh/ssh_host_*

# --- the user; no password opens any account
in_guest useradd --create-home --shell /bin/bash --groups adm,sudo ubuntu
in_guest passwd --quiet --lock ubuntu
in_guest passwd --quiet --lock root
in_guest install -d -m 0700 -o ubuntu -g ubuntu /home/ubuntu/.ssh

# --- the kernel mounts root with its final options, so nothing needs to remount it
echo '# The root file system is mounted by the kernel command line (rootflags=).' > "$root/etc/fstab"
echo 'LANG=C.UTF-8' > "$root/etc/default/locale"
# clients send the names of locales that are not installed here, and each perl then complains
sed -i 's/^AcceptEnv/#&/' "$root/etc/ssh/sshd_config"
# it runs scripts at each login
sed -i 's/^session.*pam_motd/#&/' "$root/etc/pam.d/sshd"
ln -sf /run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"

# --- which units run
in_guest systemctl --quiet enable systemd-networkd.service
rm -f "$units"/sshd.service "$units"/multi-user.target.wants/ssh.service "$units"/cloud-init.target.wants/*
mkdir -p "$units"/{sysinit,multi-user,cloud-init}.target.wants
ln -sf ../ssh.service "$units/sysinit.target.wants/ssh.service"
ln -sf ssh.service "$units/sshd.service"
ln -sf ../cloud-final.service "$units/cloud-init.target.wants/cloud-final.service"
ln -sf /lib/systemd/system/cloud-init.target "$units/multi-user.target.wants/cloud-init.target"
ln -sf /lib/systemd/system/rc-local.service "$units/multi-user.target.wants/rc-local.service"

# What a login needs first is ssh and the network; what else belongs to a normal system starts after these two. (Safe, as
# neither of them is ordered after any of it.)
readonly late='ssh.service systemd-networkd.service'
for unit in dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount \
  proc-sys-fs-binfmt_misc.automount systemd-binfmt.service systemd-random-seed.service systemd-tmpfiles-setup.service \
  systemd-update-utmp.service; do
  mkdir -p "$units/$unit.d"
  printf '[Unit]\nAfter=%s\n' "$late" > "$units/$unit.d/late.conf"
done
# The same for units that Debian orders before the network: whole units, as a drop-in cannot take back an ordering, and a
# cycle would make systemd drop one of its units at random.
for unit in systemd-resolved systemd-timesyncd systemd-tmpfiles-setup-dev; do
  sed -e '/^\(After\|Before\|Wants\)=/d' -e "s/^DefaultDependencies=no/&\nAfter=$late\nBefore=shutdown.target/" \
    "$root/lib/systemd/system/$unit.service" > "$units/$unit.service"
done
for unit in systemd-resolved systemd-timesyncd; do
  rm -f "$units"/*.wants/$unit.service
  ln -sf "../$unit.service" "$units/multi-user.target.wants/$unit.service"
done
ln -sf systemd-resolved.service "$units/dbus-org.freedesktop.resolve1.service"
ln -sf systemd-timesyncd.service "$units/dbus-org.freedesktop.timesync1.service"

# Credentials are a way for the host to hand over settings that we do not use; each use costs a mount.
for unit in systemd-sysctl systemd-tmpfiles-setup systemd-tmpfiles-setup-dev; do
  mkdir -p "$units/$unit.service.d"
  printf '[Service]\nLoadCredential=\n' > "$units/$unit.service.d/no-credentials.conf"
done
# Units that skip themselves while nobody has configured anything for them: Debian's empty or useless files go.
rm -f "$root/etc/modules-load.d/modules.conf" "$root"/usr/lib/binfmt.d/python*.conf

# Of no use here. The apt timers would take the package lock, and most of a small VM's CPU, at a moment nobody chose.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer \
  console-getty.service getty@tty1.service serial-getty@ttyS0.service cloud-init-local.service cloud-init.service \
  cloud-config.service cloud-init-hotplugd.socket kmod-static-nodes.service ldconfig.service \
  modprobe@configfs.service modprobe@dm_mod.service modprobe@drm.service modprobe@efi_pstore.service \
  modprobe@fuse.service modprobe@loop.service quotaon.service sys-fs-fuse-connections.mount \
  sys-kernel-config.mount systemd-ask-password-console.path systemd-ask-password-wall.path \
  systemd-boot-system-token.service systemd-firstboot.service systemd-hwdb-update.service systemd-initctl.socket \
  systemd-journal-catalog-update.service systemd-journal-flush.service systemd-journald-audit.socket \
  systemd-network-generator.service systemd-pstore.service systemd-remount-fs.service systemd-repart.service \
  systemd-rfkill.socket systemd-sysusers.service systemd-update-done.service systemd-update-utmp-runlevel.service; do
  mask "$units/$unit"
done
# Generators are programs that each boot (and each daemon-reload) runs before anything else.
mkdir -p "$root/etc/systemd/system-generators"
for generator in cloud-init-generator systemd-debug-generator systemd-getty-generator systemd-gpt-auto-generator \
  systemd-hibernate-resume-generator systemd-integritysetup-generator systemd-rc-local-generator systemd-run-generator \
  systemd-system-update-generator systemd-veritysetup-generator; do
  mask "$root/etc/systemd/system-generators/$generator"
done
# No /run/nologin: a login need not wait for the end of the boot.
mask "$root/etc/tmpfiles.d/systemd-nologin.conf"
# Device nodes that load their module when opened (tun, fuse, loop…); this list saves a program at each boot.
# (Not by "kmod static-nodes", which looks for the running kernel's.)
sed -n 's|^[^#]* \(.*\) \([bc]\)\([0-9:]*\)$|\2! /dev/\1 0600 - - - \3|p' "$root"/lib/modules/*/modules.devname \
  > "$root/etc/tmpfiles.d/static-nodes.conf"

# --- udev: of the rules that Debian ships, only those for disks, network cards and the power button. A package that is
# installed later brings its own rules, which work.
mkdir -p "$root/etc/udev/rules.d"
for rules in "$root"/lib/udev/rules.d/*.rules; do
  name=$(basename "$rules")
  case $name in
    50-udev-default.rules | 60-block.rules | 60-cdrom_id.rules | 60-persistent-storage.rules | 60-evdev.rules | 60-input-id.rules | \
      70-power-switch.rules | 73-special-net-names.rules | 75-net-description.rules | 80-drivers.rules | 80-net-setup-link.rules | \
      99-systemd.rules) ;;
    *) mask "$root/etc/udev/rules.d/$name" ;;
  esac
done
# Of the devices that are there at boot, the network card comes before ssh, the rest (vm-coldplug.service) after it.
mkdir -p "$units/systemd-udev-trigger.service.d"
printf '[Service]\nExecStart=\nExecStart=-udevadm trigger --action=add --subsystem-match=net\n' \
  > "$units/systemd-udev-trigger.service.d/net-only.conf"
ln -sf ../vm-coldplug.service "$units/sysinit.target.wants/vm-coldplug.service"
mkdir -p "$units/systemd-networkd-wait-online.service.d"
printf '[Service]\nExecStart=\nExecStart=/lib/systemd/systemd-networkd-wait-online --any --timeout=30\n' \
  > "$units/systemd-networkd-wait-online.service.d/any.conf"

# --- for a boot without the host's help; the loader itself is written to the disk by pack.sh
mkdir -p "$root/boot/grub"
cat > "$root/boot/grub/grub.cfg" <<END
set timeout=0
serial --unit=0 --speed=115200
search --no-floppy --set=root --label rootfs
linux /vmlinuz $kernel_arguments
initrd /initrd.img
boot
END
if [ ! -e "$root/vmlinuz" ] || [ ! -e "$root/initrd.img" ]; then
  echo "no kernel links in $root" >&2
  exit 1
fi

# --- what can be fetched or made again
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/cache/apt/*.bin "$root"/var/lib/apt/lists/* "$root"/var/log/apt \
  "$root"/usr/lib/udev/hwdb.d/* "$root"/usr/lib/udev/hwdb.bin "$root"/tmp/* "$root"/var/tmp/*
find "$root/var/log" -name '*.log' -delete
find "$root/var/cache/debconf" -name '*-old' -delete
