import { API_PREFIX, Vm, type VmId } from '@golem-provider/contracts';

const LIMIT_MS = 600_000;

async function answer(url: string, init: RequestInit, expected: number): Promise<string> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(LIMIT_MS) });
  const text = await response.text();
  if (response.status !== expected) throw new Error(`${url} answered with ${response.status}: ${text}`);
  return text;
}

/** Creates a VM and waits for the answer. */
export async function createVm(baseUrl: string, name: string, image = 'ubuntu:24.04'): Promise<Vm> {
  const body = JSON.stringify({ name, image, cpu_cores: 1, memory_gb: 1, storage_gb: 10 });
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body };
  return Vm.parse(JSON.parse(await answer(`${baseUrl}${API_PREFIX}/vms`, init, 201)));
}

/** Deletes a VM and waits for the answer. */
export async function deleteVm(baseUrl: string, id: VmId): Promise<void> {
  await answer(`${baseUrl}${API_PREFIX}/vms/${id}`, { method: 'DELETE' }, 204);
}
