import { join } from 'node:path';

/** A service of the node: a program for Node.js. */
export interface ServiceSpec {
  readonly name: string;
  readonly entry: string;
  /** Options of Node.js itself. */
  readonly nodeOptions: readonly string[];
}

/**
 * Keeps a service small that is idle most of the time: its young objects need no 16 MiB until they are looked through, and the
 * code of its start is not worth compiling again; one that may have much to do lifts this when it is started (`runService`).
 * The gateway, which may have to answer many requests, has room for twice as many objects. The units of `deploy/systemd` and
 * the images say the same.
 */
function nodeOptions(name: string): string[] {
  return ['--no-opt', '--expose-gc', `--max-semi-space-size=${name === 'api-gateway' ? 4 : 2}`];
}

function serviceAt(root: string, name: string): ServiceSpec {
  return { name, entry: join(root, 'services', name, 'dist/main.js'), nodeOptions: nodeOptions(name) };
}

/** The services in the order in which they are stopped: first who takes requests, last who carries them out. */
export function providerServices(root: string): ServiceSpec[] {
  return ['api-gateway', 'advertiser', 'monitor', 'vm-worker'].map((name) => serviceAt(root, name));
}

/** The discovery service for development. */
export function developmentDiscovery(root: string): ServiceSpec {
  return serviceAt(root, 'discovery');
}
