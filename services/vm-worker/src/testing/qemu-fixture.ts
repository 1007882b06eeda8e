import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageName, VmId, type VmSpec } from '@golem-provider/contracts';
import { createLogger, type DataDirectory, dataDirectory, systemClock } from '@golem-provider/service-kit';
import { eventually, temporaryDirectory } from '@golem-provider/testing';
import { renderUserData } from '../cloud-init/user-data.ts';
import { type CommandResult, createCommandRunner } from '../exec/command-runner.ts';
import type { Hypervisor, InstanceSpec } from '../hypervisor/hypervisor.ts';
import { removeGuestNetworkRules } from '../hypervisor/qemu/guest-network.ts';
import { createQemuHypervisor, type QemuHypervisorDeps } from '../hypervisor/qemu/qemu-hypervisor.ts';
import { standardCatalogue } from '../images/catalogue.ts';
import { createImageStore, type ImageStore } from '../images/image-store.ts';
import { makeSshKeyPair } from '../keys/ssh-key-pair.ts';
import { managementLine } from '../reconcile/guest-keys.ts';

const SSH_TIMEOUT_MS = 90_000;

/** A QEMU driver over a data directory of its own, and what a test needs to log in to its guests. */
export interface QemuFixture {
  readonly data: DataDirectory;
  readonly images: ImageStore;
  readonly hypervisor: Hypervisor;
  /** Another driver over the same directory, as a new worker would have. */
  again(): Hypervisor;
  /** A machine with the fixture's keys. */
  instance(id: VmId, spec: VmSpec): InstanceSpec;
  /** The host key that guests must show. */
  readonly hostPublicKey: string;
  /** Runs a command in a guest, held to the host key; `input` is its standard input. */
  ssh(port: number, command: string, input?: string): Promise<CommandResult>;
  /** Resolves with the guest's port once a login works. */
  untilLogin(id: VmId, timeoutMs: number): Promise<number>;
  /** Removes every machine, the packet rules and the directory. */
  dispose(): Promise<void>;
}

/** The name of the image that tests boot. */
const TEST_IMAGE = ImageName.parse('debian:12');

/** Makes the fixture; `settings` differ from the defaults where a test says so. */
export async function qemuFixture(
  environment: NodeJS.ProcessEnv,
  settings: Partial<QemuHypervisorDeps['settings']> = {},
): Promise<QemuFixture> {
  const directory = await temporaryDirectory();
  const data = dataDirectory(join(directory.path, 'data'));
  const run = createCommandRunner(environment);
  const images = createImageStore({
    directory: data.images,
    catalogue: standardCatalogue('amd64'),
    architecture: 'amd64',
    run,
    clock: systemClock,
  });
  const again = (): Hypervisor =>
    createQemuHypervisor({
      data,
      images,
      run,
      environment,
      logger: createLogger({ name: 'test', level: 'silent', pretty: false }),
      settings: {
        GUEST_NETWORK: 'auto',
        PORT_RANGE_START: 50_800,
        PORT_RANGE_END: 50_900,
        DEFAULT_VM_IMAGE: undefined,
        ...settings,
      },
    });
  const hypervisor = again();
  const login = makeSshKeyPair('login');
  const host = makeSshKeyPair('host');
  const management = makeSshKeyPair('golem-provider');
  const authorizedKeys = [login.publicKey, managementLine(management.publicKey)];
  const keyFile = join(directory.path, 'login');
  const knownHosts = join(directory.path, 'known_hosts');
  await writeFile(keyFile, login.privateKey, { mode: 0o600 });
  await writeFile(knownHosts, `guest ${host.publicKey}\n`);

  const ssh = (port: number, command: string, input = ''): Promise<CommandResult> => {
    const options = [
      'BatchMode=yes',
      'StrictHostKeyChecking=yes',
      'HostKeyAlias=guest',
      `UserKnownHostsFile=${knownHosts}`,
      'GlobalKnownHostsFile=/dev/null',
      'IdentitiesOnly=yes',
      'ConnectTimeout=30',
      'LogLevel=ERROR',
    ].flatMap((option) => ['-o', option]);
    const args = ['-F', '/dev/null', '-i', keyFile, ...options, '-p', String(port), 'ubuntu@127.0.0.1', command];
    return run(
      { program: 'ssh', args, input, timeoutMs: SSH_TIMEOUT_MS },
      { signal: AbortSignal.timeout(SSH_TIMEOUT_MS) },
    );
  };

  return {
    data,
    images,
    hypervisor,
    again,
    hostPublicKey: host.publicKey,
    ssh,
    instance: (id, spec) => ({
      id,
      spec,
      image: TEST_IMAGE,
      userData: renderUserData({
        hostname: id,
        authorizedKeys,
        hostPrivateKey: host.privateKey,
        hostPublicKey: host.publicKey,
      }),
      authorizedKeys,
      hostPrivateKey: host.privateKey,
      hostPublicKey: host.publicKey,
      managementPrivateKey: management.privateKey,
    }),
    untilLogin: (id, timeoutMs) =>
      eventually(
        async () => {
          const { sshTarget, power } = await hypervisor.observe(id, { signal: AbortSignal.timeout(30_000) });
          if (sshTarget === null) throw new Error(`${id} is ${power}`);
          const { exitCode, stderr } = await ssh(sshTarget.port, 'true');
          if (exitCode !== 0) throw new Error(`ssh ended with ${exitCode}: ${stderr}`);
          return sshTarget.port;
        },
        timeoutMs,
        500,
      ),
    async dispose() {
      const context = { signal: AbortSignal.timeout(60_000) };
      for (const id of (await hypervisor.list(context)).keys()) await hypervisor.delete(id, context);
      await removeGuestNetworkRules(run, data.root, context.signal);
      await directory.dispose();
    },
  };
}

/** An id for a machine of a test. */
export function testVmId(name: string): VmId {
  return VmId.parse(`golem-${name}-20260101-000000`);
}
