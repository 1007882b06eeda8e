import { join } from 'node:path';

/** A service of the node: a program for Node.js. */
export interface ServiceSpec {
  readonly name: string;
  readonly entry: string;
}

function serviceAt(root: string, name: string): ServiceSpec {
  return { name, entry: join(root, 'services', name, 'dist/main.js') };
}

/** The services in the order in which they are stopped: first who takes requests, last who carries them out. */
export function providerServices(root: string): ServiceSpec[] {
  return ['api-gateway', 'advertiser', 'monitor', 'vm-worker'].map((name) => serviceAt(root, name));
}

/** The discovery service for development. */
export function developmentDiscovery(root: string): ServiceSpec {
  return serviceAt(root, 'discovery');
}
