import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VmId } from '@golem-provider/contracts';
import { createLogger, systemClock } from '@golem-provider/service-kit';
import { temporaryDirectory } from '@golem-provider/testing';
import { type CommandRunner, createCommandRunner } from '../../exec/command-runner.ts';
import { ERROR_LOG } from '../forward-file.ts';
import type { NginxPlaces } from '../nginx-installation.ts';
import { createNginxPortForwarder } from '../nginx-port-forwarder.ts';
import type { PortForward, PortForwarder } from '../port-forwarder.ts';
import { stopPrivateNginx } from '../private-nginx.ts';

const { signal } = new AbortController();

/** A forwarder over a real nginx in a temporary directory. */
export interface ForwarderBed {
  readonly root: string;
  readonly places: NginxPlaces;
  readonly forwarder: PortForwarder;
  readonly run: CommandRunner;
  /** Another one over the same files, as after a restart of the worker. */
  anotherForwarder(run?: CommandRunner): PortForwarder;
  /** What the forwarder has logged: one JSON text for each line. */
  readonly logged: string[];
  /** How often the private nginx has taken or tried a new configuration. */
  reloads(): Promise<number>;
  dispose(): Promise<void>;
}

/** Makes one, which looks for nginx as the environment says; with `installation`, the name of a directory under the bed's root, over the nginx there. */
export async function createForwarderBed(environment: NodeJS.ProcessEnv, installation?: string): Promise<ForwarderBed> {
  const directory = await temporaryDirectory();
  const root = directory.path;
  const managed = installation === undefined ? undefined : join(root, installation);
  const places: NginxPlaces = {
    installation: managed,
    configDirectory: managed === undefined ? join(root, 'nginx/vms') : join(managed, 'golem.d'),
    privatePrefix: join(root, 'nginx'),
    logDirectory: join(root, 'logs'),
  };
  const logged: string[] = [];
  const write = (line: string): void => void logged.push(line);
  const logger = createLogger({ name: 'test', level: 'debug', pretty: false }, { write });
  const run = createCommandRunner(environment);
  const anotherForwarder = (runner = run): PortForwarder =>
    createNginxPortForwarder({
      run: runner,
      logger,
      places,
      clock: systemClock,
      searchPath: environment['PATH'] ?? '',
    });
  return {
    root,
    places,
    run,
    logged,
    anotherForwarder,
    forwarder: anotherForwarder(),
    async reloads() {
      const log = await readFile(join(places.logDirectory, ERROR_LOG), 'utf8');
      return log.match(/\[notice\] \S+ reconfiguring$/gm)?.length ?? 0;
    },
    async dispose() {
      await stopPrivateNginx(places, signal);
      await directory.dispose();
    },
  };
}

/** The id of a VM of a test. */
export function vmIdOf(name: string): VmId {
  return VmId.parse(`golem-${name}-20260101-120000`);
}

/** A forward to a port of the loopback. */
export function forwardOf(name: string, port: number, targetPort: number): PortForward {
  return { vmId: vmIdOf(name), port, target: { host: '127.0.0.1', port: targetPort } };
}
