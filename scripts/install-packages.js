/**
 * Installs Debian packages as root: `node scripts/install-packages.js PACKAGE...`. Started by the other scripts, through
 * sudo where needed.
 *
 * Debian starts a server as soon as its package is installed, and at every boot. The node runs its own Redis and nginx,
 * so that would only open ports that nobody asked for: nothing is started, and the units of packages that are new here
 * are not enabled.
 */
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { runOrFail, runScript } from './lib/run.js';

const POLICY_FILE = '/usr/sbin/policy-rc.d';
const POLICY_MARK = '# Temporary: golem-provider installs packages without starting their servers.';
const POLICY = `#!/bin/sh\n${POLICY_MARK}\nexit 101\n`;

/** Units that a package would have started at every boot. */
const UNITS = new Map([
  ['redis-server', 'redis-server.service'],
  ['nginx', 'nginx.service'],
  ['openssh-server', 'ssh.service'],
  ['docker.io', 'docker.service'],
]);

/** Forbids the start of servers until the process ends; an administrator's own policy is left as it is. */
function forbidServers() {
  const isLeftover = existsSync(POLICY_FILE) && readFileSync(POLICY_FILE, 'utf8').includes(POLICY_MARK);
  if (existsSync(POLICY_FILE) && !isLeftover) return;
  process.on('exit', () => rmSync(POLICY_FILE, { force: true }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));
  writeFileSync(POLICY_FILE, POLICY);
  chmodSync(POLICY_FILE, 0o755);
}

await runScript(async () => {
  const packages = process.argv.slice(2);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l', LC_ALL: 'C.UTF-8' };
  const options = { env, onLine: (/** @type {string} */ line) => console.log(line) };
  const waitForLock = ['-o', 'DPkg::Lock::Timeout=300'];
  forbidServers();
  await runOrFail('reading the package lists', 'apt-get', ['update', '-q', ...waitForLock], options);
  const flags = ['install', '-q', '-y', '--no-install-recommends', '-o', 'Dpkg::Use-Pty=0', ...waitForLock];
  await runOrFail('installing packages', 'apt-get', [...flags, '--', ...packages], options);
  const units = packages.flatMap((name) => UNITS.get(name) ?? []);
  if (existsSync('/run/systemd/system') && units.length > 0) {
    await runOrFail('keeping servers from starting at boot', 'systemctl', ['disable', ...units], options);
  }
});
