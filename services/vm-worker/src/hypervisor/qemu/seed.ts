import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError, isAppError } from '@golem-provider/service-kit';
import type { CommandRunner } from '../../exec/command-runner.ts';
import { runTool } from '../../exec/run-tool.ts';
import type { InstanceSpec } from '../hypervisor.ts';
import { machineMac } from './qemu-identity.ts';

/** Programs that make an ISO image, with the arguments that make them take the same options. */
export const ISO_PROGRAMS = [
  { program: 'genisoimage', args: [] },
  { program: 'xorriso', args: ['-as', 'genisoimage'] },
] as const satisfies readonly { readonly program: string; readonly args: readonly string[] }[];

const ISO_TIMEOUT_MS = 30_000;

function lines(values: readonly string[]): string {
  return values.map((value) => `${value.trimEnd()}\n`).join('');
}

/**
 * The files of a machine's seed by their path in it, for cloud-init's NoCloud and, under `vm-seed/`, for guests that take
 * their identity before cloud-init runs. Pure. The name servers are public ones: the one that the user-mode network offers is
 * the host's own, which guests do not reach.
 */
export function seedFiles({ id, userData, authorizedKeys, hostPrivateKey }: InstanceSpec): ReadonlyMap<string, string> {
  const networkConfig = [
    'version: 2',
    'ethernets:',
    '  primary:',
    `    match: {macaddress: "${machineMac(id)}"}`,
    '    dhcp4: true',
    '    dhcp4-overrides: {use-dns: false}',
    '    nameservers: {addresses: [9.9.9.9, 1.1.1.1]}',
  ];
  return new Map([
    ['meta-data', lines([`instance-id: ${id}`, `local-hostname: ${id}`])],
    ['user-data', userData],
    ['network-config', lines(networkConfig)],
    ['vm-seed/hostname', lines([id])],
    ['vm-seed/authorized_keys', lines(authorizedKeys)],
    ['vm-seed/ssh_host_ed25519_key', lines([hostPrivateKey])],
  ]);
}

/**
 * Writes the seed to `path`, an ISO image labelled `cidata`. The files lie in a directory of mode 0700 beside it while that
 * lasts.
 *
 * @throws AppError `HYPERVISOR_UNAVAILABLE` where no program for ISO images is installed; see `runTool` for the others.
 */
export async function makeSeed(
  run: CommandRunner,
  spec: InstanceSpec,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const directory = `${path}.d`;
  try {
    await mkdir(directory, { mode: 0o700 });
    for (const [name, content] of seedFiles(spec)) {
      const file = join(directory, name);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(file, content, { mode: 0o600, flag: 'wx' });
    }
    await makeIso(run, directory, path, signal);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function makeIso(run: CommandRunner, directory: string, path: string, signal: AbortSignal): Promise<void> {
  const options = ['-quiet', '-output', path, '-volid', 'cidata', '-joliet', '-rock', directory];
  for (const { program, args } of ISO_PROGRAMS) {
    try {
      const command = { program, args: [...args, ...options], timeoutMs: ISO_TIMEOUT_MS };
      await runTool(run, command, 'making the seed', signal);
      return;
    } catch (error) {
      if (!isAppError(error) || error.code !== 'HYPERVISOR_UNAVAILABLE') throw error;
    }
  }
  throw new AppError('HYPERVISOR_UNAVAILABLE', 'making the seed: neither genisoimage nor xorriso is installed');
}
