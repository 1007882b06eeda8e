import { API_PREFIX, type ProviderInfo, type Settings } from '@golem-provider/contracts';

/** Where the API is reached from this machine; by address, as not every machine knows the name localhost. */
export function localBaseUrl({ HOST, PORT }: Pick<Settings, 'HOST' | 'PORT'>): string {
  const address = { '0.0.0.0': '127.0.0.1', '::': '::1' }[HOST] ?? HOST;
  return `http://${address.includes(':') ? `[${address}]` : address}:${PORT}`;
}

/** One sentence about what serves the VMs. */
export function describeHypervisor(hypervisor: ProviderInfo['hypervisor']): string {
  if (hypervisor === null) return 'not known yet';
  const { name, version, acceleration, guest_network: network } = hypervisor;
  const how =
    acceleration === 'tcg' ? ', software emulation: VMs are slow' : acceleration === null ? '' : `, ${acceleration}`;
  const way = network === 'internet' ? 'guests reach the internet' : 'guests have no way out';
  return `${name}${version === null ? '' : ` ${version}`}${how}; ${way}`;
}

/** Where the provider is advertised, a line of the banner; what a URL may hold beside the address is left out. */
export function describeDiscovery(discoveryUrl: string, isDevelopment: boolean): string {
  const { protocol, host, pathname } = new URL(discoveryUrl);
  const url = `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
  return isDevelopment ? `Discovery (development)  ${url}` : `Discovery    ${url}`;
}

/** What an operator reads when all is ready. */
export function renderBanner(
  baseUrl: string,
  info: ProviderInfo,
  settings: Pick<Settings, 'DATA_DIR' | 'DISCOVERY_URL' | 'MIN_CPU_CORES' | 'MIN_MEMORY_GB' | 'MIN_STORAGE_GB'>,
  isDiscoveryForDevelopment: boolean,
): string {
  const request = JSON.stringify({
    name: 'my-webserver',
    cpu_cores: settings.MIN_CPU_CORES,
    memory_gb: settings.MIN_MEMORY_GB,
    storage_gb: settings.MIN_STORAGE_GB,
  });
  return `
The provider is ready.

  API          ${baseUrl}${API_PREFIX}
  Docs         ${baseUrl}${API_PREFIX}/docs
  Queues       ${baseUrl}/admin/queues
  Hypervisor   ${describeHypervisor(info.hypervisor)}
  Data         ${settings.DATA_DIR}
  ${describeDiscovery(settings.DISCOVERY_URL, isDiscoveryForDevelopment)}

Create a VM:

  curl -sS ${baseUrl}${API_PREFIX}/vms -H 'Content-Type: application/json' -d '${request}'

Ctrl+C or \`npm run stop\` stops the provider and leaves VMs running; \`npm run stop -- --vms\` stops them as well.

`;
}
