import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, rawSetting, ROOT } from './host.js';
import {
  hasStreamInside,
  installAdvice,
  isDebianFamily,
  missingPackages,
  parsePackageList,
  requirements,
} from './package-table.js';
import { Failure, run, runOrFail } from './run.js';

/** The exit code when an operator has to install packages first (EX_NOPERM of sysexits.h). */
const EXIT_NO_PERMISSION = 77;

const IMAGE_PACKAGES = 'services/vm-worker/image/debian-12/host-packages.list';
const INSTALL_TIMEOUT_MS = 20 * 60_000;

/** Whether Multipass will serve the VMs, as the worker decides it. */
function isMultipassUsed() {
  const wanted = rawSetting('HYPERVISOR') ?? 'auto';
  if (wanted !== 'auto') return wanted === 'multipass';
  return rawSetting('MULTIPASS_BINARY_PATH') !== undefined || findProgram('multipass') !== undefined;
}

/**
 * The Debian packages that bring what is missing on this machine.
 *
 * @param {'run' | 'test' | 'compose'} purpose
 */
async function findMissing(purpose) {
  const isMultipass = isMultipassUsed();
  if (!isMultipass && process.arch !== 'x64') {
    throw new Failure(`On ${process.arch} VMs need Multipass: see https://multipass.run/install.`, 1);
  }
  const missing = missingPackages(
    requirements({
      purpose,
      isMultipass,
      isRedisGiven: rawSetting('REDIS_URL') !== undefined,
      imagePackages: parsePackageList(readFileSync(join(ROOT, IMAGE_PACKAGES), 'utf8')),
    }),
    { hasProgram: (name) => findProgram(name) !== undefined, hasFile: existsSync },
  );
  const nginx = findProgram('nginx');
  if (nginx === undefined || !missing.includes('libnginx-mod-stream')) return missing;
  const { tail } = await run(nginx, ['-V']);
  return hasStreamInside(tail) ? missing.filter((name) => name !== 'libnginx-mod-stream') : missing;
}

/** The words before a command that give it root, or undefined where that cannot be had without asking. */
async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = findProgram('sudo');
  if (sudo === undefined) return undefined;
  return (await run(sudo, ['-n', 'true'])).code === 0 ? [sudo, '-n'] : undefined;
}

/**
 * Installs the system's packages that are missing, or says what to type.
 *
 * @param {'run' | 'test' | 'compose'} purpose
 * @param {(text: string) => void} say
 * @throws {Failure} with code 77 where the operator has to install them.
 */
export async function ensurePackages(purpose, say) {
  const missing = await findMissing(purpose);
  if (missing.length === 0) return;
  const osRelease = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const isDebian = isDebianFamily(osRelease) && findProgram('apt-get') !== undefined;
  const prefix = isDebian ? await rootPrefix() : undefined;
  if (prefix === undefined) throw new Failure(installAdvice(missing, isDebian).join('\n'), EXIT_NO_PERMISSION);
  say(`installing ${missing.join(' ')}`);
  const [program = '', ...args] = [...prefix, process.execPath, join(ROOT, 'scripts/install-packages.js'), ...missing];
  await runOrFail('installing packages', program, args, { timeoutMs: INSTALL_TIMEOUT_MS });
  const left = await findMissing(purpose);
  if (left.length > 0) throw new Failure(`After the installation these are still missing: ${left.join(' ')}`, 1);
}
