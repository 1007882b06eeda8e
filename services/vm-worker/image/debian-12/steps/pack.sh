#!/bin/bash
# pack.sh ROOT RESULT_DIR SIZE_MIB: makes disk.qcow2, vmlinuz and initrd.img in RESULT_DIR from the directory ROOT.
#
# The disk (GPT) also boots by itself, by BIOS and by UEFI. No loop device: every part is written at its offset in a file.
set -euo pipefail
root=$1 result=$2 size_mib=$3

# Partitions as Debian's cloud images number them; root is the last on the disk, so that it can grow.
readonly bios_boot_sector=2048 bios_boot_sectors=2048
readonly esp_sector=4096 esp_sectors=12288
readonly root_sector=16384
readonly root_mib=$((size_mib - root_sector / 2048 - 1))   # the last MiB is for the copy of the partition table

work=$(mktemp -d "$(dirname "$result")/pack.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
disk=$work/disk.raw

partition() {
  truncate -s "${size_mib}M" "$disk"
  sfdisk --quiet "$disk" <<END
label: gpt
1 : start=$root_sector, size=$((root_mib * 2048)), type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, name="root"
14 : start=$bios_boot_sector, size=$bios_boot_sectors, type=21686148-6449-6E6F-744E-656564454649, name="bios"
15 : start=$esp_sector, size=$esp_sectors, type=C12A7328-F81F-11D2-BA4B-00C04FD430C8, name="esp"
END
}

make_root_filesystem() {
  # Our own defaults: a newer host's mke2fs would use features that Debian 12's grub cannot read.
  cat > "$work/mke2fs.conf" <<'END'
[defaults]
  base_features = sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr
  default_mntopts = acl,user_xattr
  blocksize = 4096
  inode_size = 256
  inode_ratio = 16384
[fs_types]
  ext4 = {
    features = has_journal,extent,huge_file,flex_bg,metadata_csum,64bit,dir_nlink,extra_isize
  }
END
  MKE2FS_CONFIG=$work/mke2fs.conf mke2fs -q -F -t ext4 -L rootfs -m 1 -e remount-ro -J size=16 \
    -E "offset=$((root_sector * 512)),nodiscard,lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0" \
    -d "$root" "$disk" "${root_mib}m"
}

# Writes an integer of 8 bytes, little endian, at an offset of a file: FILE OFFSET VALUE
poke64() {
  local bytes='' i
  for i in 0 1 2 3 4 5 6 7; do
    bytes+=$(printf '\\x%02x' $((($3 >> (8 * i)) & 255)))
  done
  printf '%b' "$bytes" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# What grub-install does, without a device: the boot sector loads the core from the BIOS boot partition.
install_bios_loader() {
  local modules=/usr/lib/grub/i386-pc core=$work/core.img boot=$work/boot.img
  grub-mkimage -O i386-pc -d "$modules" -o "$core" -c "$work/early.cfg" -p '(hd0,gpt1)/boot/grub' \
    biosdisk part_gpt ext2 search search_label configfile normal linux serial echo test
  [ "$(stat -c %s "$core")" -le $((bios_boot_sectors * 512)) ]
  cp "$modules/boot.img" "$boot"
  poke64 "$boot" $((0x5c)) "$bios_boot_sector"                                            # where the core begins
  printf '\x90\x90' | dd of="$boot" bs=1 seek=$((0x66)) conv=notrunc status=none         # trust the BIOS's drive number
  poke64 "$core" $((0x1f4)) $((bios_boot_sector + 1))                                     # where the core goes on
  dd if="$boot" of="$disk" bs=440 count=1 conv=notrunc status=none                        # the rest is the partition table's
  dd if="$core" of="$disk" bs=512 seek="$bios_boot_sector" conv=notrunc status=none
}

install_uefi_loader() {
  local esp=$work/esp.img
  grub-mkimage -O x86_64-efi -d /usr/lib/grub/x86_64-efi -o "$work/BOOTX64.EFI" -c "$work/early.cfg" -p /boot/grub \
    part_gpt ext2 fat search search_label configfile normal linux serial echo test
  truncate -s $((esp_sectors * 512)) "$esp"
  mformat -i "$esp" -v ESP ::
  mmd -i "$esp" ::/EFI ::/EFI/BOOT
  mcopy -i "$esp" "$work/BOOTX64.EFI" ::/EFI/BOOT/
  dd if="$esp" of="$disk" bs=512 seek="$esp_sector" conv=notrunc,sparse status=none
}

partition
make_root_filesystem
printf 'search --no-floppy --set=root --label rootfs\nconfigfile /boot/grub/grub.cfg\n' > "$work/early.cfg"
install_bios_loader
install_uefi_loader
qemu-img convert -f raw -O qcow2 "$disk" "$result/disk.qcow2"
cp -L "$root/vmlinuz" "$result/vmlinuz"
cp -L "$root/initrd.img" "$result/initrd.img"
