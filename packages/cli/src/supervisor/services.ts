import { join } from 'node:path';

/** A service of the node: a program for Node.js. */
export interface ServiceSpec {
  readonly name: string;
  readonly entry: string;
}

/** The services in the order in which they are stopped: first who takes requests, last who carries them out. */
export function providerServices(root: string): ServiceSpec[] {
  return ['api-gateway', 'advertiser', 'monitor', 'vm-worker'].map((name) => ({
    name,
    entry: join(root, 'services', name, 'dist/main.js'),
  }));
}
