import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { readUserData } from './cloud-init.js';

const USER_ID = 1000;
/** What a guest has for itself; everything else is the host's. */
const OWN_FOLDERS = /^\/(?:etc|home\/ubuntu|run)\//;
/** Its root is one of a user namespace, with no rights on the host, where there are such. */
const SUDO = `#!/bin/sh
wish() { WISH; exit; }
while :; do
  case "\${1-}" in
    -n | -S | -H | -E | --) shift ;;
    -u) shift 2 ;;
    *) break ;;
  esac
done
[ "$1" = systemctl ] && shift
case "$1 $*" in
  reboot* | *'shutdown -r'*) wish reboot ;;
  poweroff* | shutdown* | halt*) wish off ;;
esac
unshare --user --map-root-user true 2>/dev/null || exec "$@"
exec unshare --user --map-root-user -- "$@"
`;
const UPTIME = `#!/bin/sh
minutes=$((($(date +%s) - $(cat /run/boot-time)) / 60))
echo " $(date +%T) up $minutes min,  0 user,  load average: $(cut -d ' ' -f 1-3 /proc/loadavg | sed 's/ /, /g')"
`;
const APT_INSTALL = `['apt-get', '--option=Dpkg::Options::=--force-confold', '--option=Dpkg::options::=--force-unsafe-io', '--assume-yes', '--quiet', 'install', 'pollinate']`;
const POLLINATE_FAILED = `('package-update-upgrade-install', ProcessExecutionError("Unexpected error while running command.\\nCommand: ${APT_INSTALL}\\nExit code: 100\\nReason: -\\nStdout: -\\nStderr: -"))`;

/**
 * The `cloud-init status` of a guest. Without a network the daemon's own package cannot be installed, and that is an error.
 *
 * @param {boolean} isOnline
 * @returns {string}
 */
function cloudInitProgram(isOnline) {
  const detail = isOnline ? 'DataSourceNoCloud [seed=/dev/sr0][dsmode=net]' : POLLINATE_FAILED;
  return `#!/bin/sh
[ "$1" = status ] || { echo "the emulated guest has no cloud-init $1" >&2; exit 2; }
cat <<'END' | sed "s/DATE/$(LC_ALL=C date -u -d "@$(cat /run/boot-time)" '+%a, %d %b %Y %T +0000')/"
status: ${isOnline ? 'done' : 'error'}
boot_status_code: enabled-by-generator
last_update: DATE
detail:
${detail}
END
exit ${isOnline ? 0 : 1}
`;
}

/**
 * A file of users or groups of the host, without those that the guest's user would clash with.
 *
 * @param {string} file
 * @returns {string}
 */
function othersOf(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !/^ubuntu:/.test(line) && !/^[^:]*:[^:]*:1000:/.test(line))
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Makes the home of the user: keys as at the first boot, which later boots leave as the user has made them.
 *
 * @param {string} directory
 * @param {readonly string[]} keys
 */
function installHome(directory, keys) {
  const home = join(directory, 'home/ubuntu');
  const authorized = join(home, '.ssh/authorized_keys');
  // Read by every command over ssh. Without PAM sshd sets a variable that those of a real guest do not have.
  const profile = join(home, '.bashrc');
  mkdirSync(dirname(authorized), { recursive: true });
  if (!existsSync(profile)) writeFileSync(profile, 'unset MAIL\n');
  if (!existsSync(authorized)) {
    writeFileSync(authorized, keys.map((key) => `${key.trim()}\n`).join(''), { mode: 0o600 });
  }
  for (const path of [home, dirname(authorized), authorized, profile]) chownSync(path, USER_ID, USER_ID);
}

/**
 * @param {string} directory
 * @param {string} address
 * @returns {string}
 */
function sshdConfig(directory, address) {
  return [
    'Port 22',
    `ListenAddress ${address}`,
    `HostKey ${join(directory, 'host_key')}`,
    'AuthorizedKeysFile .ssh/authorized_keys',
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'UseDNS no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin no',
    'Subsystem sftp internal-sftp',
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Writes what the guest boots with.
 *
 * @param {string} directory
 * @param {import('./machines.js').Machine} machine
 * @param {{ daemonKey: { publicKey: string, hostKey: string }, isOnline: boolean, doesShutDown: boolean }} options
 * @returns {string} Its host name.
 */
export function installGuest(directory, { name, address }, { daemonKey, isOnline, doesShutDown }) {
  const userData = join(directory, 'user-data');
  const config = readUserData(existsSync(userData) ? readFileSync(userData, 'utf8') : null);
  mkdirSync(join(directory, 'bin'), { recursive: true });
  installHome(directory, [...config.authorizedKeys, daemonKey.publicKey]);
  /** @type {(name: string, text: string, mode: number) => void} */
  const write = (file, text, mode) => writeFileSync(join(directory, file), text, { mode });
  write('host_key', config.hostKey ?? daemonKey.hostKey, 0o600);
  write('bin/sudo', SUDO.replace('WISH', doesShutDown ? 'echo "$1" >/run/power' : 'true'), 0o755);
  write('bin/uptime', UPTIME, 0o755);
  write('bin/cloud-init', cloudInitProgram(isOnline), 0o755);
  write('passwd', `${othersOf('/etc/passwd')}ubuntu:*:1000:1000:Ubuntu:/home/ubuntu:/bin/bash\n`, 0o644);
  const groups = othersOf('/etc/group').replace(
    /^((?:adm|sudo):.*:)(.*)$/gm,
    (_, head, members) => `${head}${[members, 'ubuntu'].filter((member) => member !== '').join(',')}`,
  );
  write('group', `${groups}ubuntu:x:1000:\n`, 0o644);
  write('sshd_config', sshdConfig(directory, address), 0o644);
  rmSync(join(directory, 'files'), { recursive: true, force: true });
  for (const { path, content } of config.files) {
    if (!OWN_FOLDERS.test(path) || posix.normalize(path) !== path) continue;
    const file = join('files', path);
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    write(file, content, 0o644);
  }
  return config.hostname ?? name;
}
