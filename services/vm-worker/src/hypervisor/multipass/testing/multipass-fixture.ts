import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageName, type SshTarget, VmId } from '@golem-provider/contracts';
import { createLogger, systemClock } from '@golem-provider/service-kit';
import { renderUserData } from '../../../cloud-init/user-data.ts';
import { type CommandRunner, type CommandSpec, createCommandRunner } from '../../../exec/command-runner.ts';
import { makeSshKeyPair } from '../../../keys/ssh-key-pair.ts';
import type { CallContext, Hypervisor, InstanceSpec } from '../../hypervisor.ts';
import { MULTIPASS_DEFAULT_IMAGE, MULTIPASS_IMAGES } from '../multipass-images.ts';
import { createMultipassHypervisor, type MultipassHypervisorDeps } from '../multipass-hypervisor.ts';
import { createMultipassEmulator, type MultipassEmulator } from './emulator-control.ts';

/** In what a driver differs from that of the fixture. */
export interface DriverChange {
  readonly timing?: Partial<MultipassHypervisorDeps['timing']>;
  /** Called for each command before it is run, which waits for it. */
  readonly beforeCommand?: (command: CommandSpec) => Promise<void>;
}

/** The Multipass driver over an emulated Multipass whose daemon runs. */
export interface MultipassFixture {
  readonly emulator: MultipassEmulator;
  readonly hypervisor: Hypervisor;
  /** Another driver over the same Multipass, as a new worker would have. */
  readonly again: (change?: DriverChange) => Hypervisor;
  readonly newSpec: (overrides?: Partial<InstanceSpec>) => InstanceSpec;
  /** Runs the client as the operator would, and gives its standard output. */
  readonly multipass: (...args: readonly string[]) => Promise<string>;
  /** Runs a command in a guest of `newSpec`, held to its host key. */
  readonly login: (target: SshTarget, command: string) => Promise<string>;
  readonly context: () => CallContext;
  readonly dispose: () => Promise<void>;
}

const CALL_TIMEOUT_MS = 120_000;
/** A launch and a query have the time that a machine may stand still for: only what hangs is to run into its deadline. */
const TIMING = { launchMs: 60_000, shutdownMs: 3000, settleMs: 500, pollMs: 50, queryMs: 10_000 } as const;

/** Makes the fixture; `timing` differs from short times where a test says so. `environment` is the process's own. */
export async function multipassFixture(
  environment: NodeJS.ProcessEnv,
  timing: Partial<MultipassHypervisorDeps['timing']> = {},
): Promise<MultipassFixture> {
  const emulator = await createMultipassEmulator(environment);
  await emulator.startDaemon();
  const run = createCommandRunner(environment);
  const again = ({ timing: changed, beforeCommand }: DriverChange = {}): Hypervisor => {
    const runLater: CommandRunner = async (command, runContext) => {
      await beforeCommand?.(command);
      return run(command, runContext);
    };
    return createMultipassHypervisor({
      run: runLater,
      program: emulator.program,
      images: MULTIPASS_IMAGES,
      defaultImage: MULTIPASS_DEFAULT_IMAGE,
      clock: systemClock,
      logger: createLogger({ name: 'test', level: 'silent', pretty: false }),
      timing: { ...TIMING, ...timing, ...changed },
    });
  };
  const login = makeSshKeyPair('login');
  const host = makeSshKeyPair('host');
  const keyFile = join(emulator.directory, 'login');
  const knownHosts = join(emulator.directory, 'known_hosts');
  await writeFile(keyFile, login.privateKey, { mode: 0o600 });
  await writeFile(knownHosts, `guest ${host.publicKey}\n`);
  let count = 0;
  const context = (): CallContext => ({ signal: AbortSignal.timeout(CALL_TIMEOUT_MS) });

  const output = async (program: string, args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await run({ program, args, timeoutMs: CALL_TIMEOUT_MS }, context());
    if (exitCode !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
    return stdout;
  };

  return {
    emulator,
    hypervisor: again(),
    again,
    context,
    newSpec(overrides = {}) {
      count += 1;
      const id = VmId.parse(`golem-test-20260101-${String(count).padStart(6, '0')}`);
      return {
        id,
        spec: { cpu_cores: 1, memory_gb: 1, storage_gb: 10 },
        image: ImageName.parse('ubuntu:22.04'),
        userData: renderUserData({
          hostname: id,
          authorizedKeys: [login.publicKey],
          hostPrivateKey: host.privateKey,
          hostPublicKey: host.publicKey,
        }),
        authorizedKeys: [login.publicKey],
        hostPrivateKey: host.privateKey,
        hostPublicKey: host.publicKey,
        managementPrivateKey: null,
        ...overrides,
      };
    },
    multipass: (...args) => output(emulator.program, args),
    login(target, command) {
      const options = [
        'BatchMode=yes',
        'StrictHostKeyChecking=yes',
        'HostKeyAlias=guest',
        `UserKnownHostsFile=${knownHosts}`,
        'GlobalKnownHostsFile=/dev/null',
        'IdentitiesOnly=yes',
        'LogLevel=ERROR',
      ].flatMap((option) => ['-o', option]);
      const where = ['-p', String(target.port), `ubuntu@${target.host}`];
      return output('ssh', ['-F', '/dev/null', '-i', keyFile, ...options, ...where, command]);
    },
    dispose: () => emulator.dispose(),
  };
}
