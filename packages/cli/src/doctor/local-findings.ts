import { access, constants, readFile, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { freemem, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { BYTES_PER_GIB, type Finding, type Settings } from '@golem-provider/contracts';
import { isErrorCode } from '@golem-provider/service-kit';
import {
  freeRangeFinding,
  parseEphemeralRange,
  parseReservedPorts,
  type PortRange,
  reservedRangeFinding,
} from './port-range.ts';

const EPHEMERAL_FILE = '/proc/sys/net/ipv4/ip_local_port_range';
const RESERVED_FILE = '/proc/sys/net/ipv4/ip_local_reserved_ports';

/** The text of a file of the kernel; empty where this kernel has none. */
async function kernelText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR')) return '';
    throw error;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: '0.0.0.0', exclusive: true }, resolve);
    });
    return true;
  } catch (error) {
    if (isErrorCode(error, 'EADDRINUSE')) return false;
    throw error;
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Whether the ssh ports can be used. `own` are those of our VMs. */
export async function portFindings(
  { PORT_RANGE_START, PORT_RANGE_END }: Pick<Settings, 'PORT_RANGE_START' | 'PORT_RANGE_END'>,
  own: ReadonlySet<number>,
): Promise<Finding[]> {
  const range: PortRange = { start: PORT_RANGE_START, end: PORT_RANGE_END };
  const busy: number[] = [];
  for (let port = range.start; port < range.end; port += 1)
    if (!own.has(port) && !(await isFree(port))) busy.push(port);
  const ephemeral = parseEphemeralRange(await kernelText(EPHEMERAL_FILE));
  const reserved = parseReservedPorts(await kernelText(RESERVED_FILE));
  return [freeRangeFinding(range, busy), reservedRangeFinding(range, ephemeral, reserved)];
}

function gibibytes(bytes: number): string {
  return `${(bytes / BYTES_PER_GIB).toFixed(1)} GiB`;
}

/** Whether there is room for one VM of the smallest size beside what the host keeps for itself. */
export function roomFinding(
  name: 'disk' | 'memory',
  freeBytes: number,
  minimumGib: number,
  reserveGib: number,
): Finding {
  const needed = (minimumGib + reserveGib) * BYTES_PER_GIB;
  const detail = `${gibibytes(freeBytes)} are free; the smallest VM and the reserve of the host take ${minimumGib + reserveGib} GiB`;
  if (freeBytes >= needed) return { name, verdict: 'ok', detail, remedy: null };
  const remedy =
    name === 'disk' ? 'Free space, or move GOLEM_PROVIDER_DATA_DIR.' : 'End other programs, or add memory.';
  return { name, verdict: 'problem', detail, remedy };
}

async function freeSpace(path: string): Promise<number> {
  try {
    const { bsize, bavail } = await statfs(path);
    return bsize * bavail;
  } catch (error) {
    const parent = dirname(path);
    if (!isErrorCode(error, 'ENOENT') || parent === path) throw error;
    return freeSpace(parent);
  }
}

/** Whether the data directory can be written, and whether there is room for VMs. */
export async function roomFindings(
  settings: Pick<Settings, 'DATA_DIR' | 'MIN_MEMORY_GB' | 'MIN_STORAGE_GB'>,
): Promise<Finding[]> {
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(await kernelText('/proc/meminfo'))?.[1];
  const freeBytes = available === undefined ? freemem() : Number(available) * 1024;
  const reserveGib = Math.max(1, Math.ceil((totalmem() / BYTES_PER_GIB) * 0.1));
  return [
    roomFinding('memory', freeBytes, settings.MIN_MEMORY_GB, reserveGib),
    roomFinding('disk', await freeSpace(settings.DATA_DIR), settings.MIN_STORAGE_GB, 10),
  ];
}

/** Whether the data directory is there and ours to write to. */
export async function dataDirectoryFinding(path: string): Promise<Finding> {
  const name = 'data directory';
  try {
    await access(path, constants.W_OK | constants.X_OK);
    return { name, verdict: 'ok', detail: `${path} can be written`, remedy: null };
  } catch (error) {
    if (isErrorCode(error, 'ENOENT'))
      return { name, verdict: 'ok', detail: `${path} is made at the first start`, remedy: null };
    return {
      name,
      verdict: 'problem',
      detail: `${path} cannot be written by this user`,
      remedy: 'Run the provider as the user who owns it, or set GOLEM_PROVIDER_DATA_DIR.',
    };
  }
}
