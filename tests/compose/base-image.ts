import { chmod, copyFile, cp, mkdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '@golem-provider/testing';
import { runProgram } from './programs.ts';

const BUILD_TIMEOUT_MS = 20 * 60_000;
/** Where Debian's packages bring certificates to. */
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

/** Where npm lies beside the Node.js that runs this. */
async function npmDirectory(): Promise<string> {
  const found = await runProgram('npm', ['root', '--global'], { timeoutMs: 60_000 });
  return join(found.trim(), 'npm');
}

/**
 * The file system of a base image as a tar file, made once: Debian 12 from its packages, with the Node.js and npm of this
 * machine and the certificates that it trusts. Stands in where no image can be pulled.
 */
export async function baseImageFile(path: string): Promise<string> {
  if (await isThere(path)) return path;
  await mkdir(dirname(path), { recursive: true });
  const work = await temporaryDirectory();
  try {
    const root = join(work.path, 'root');
    const flags = ['--mode=root', '--variant=minbase', '--include=ca-certificates', '--format=directory'];
    await runProgram('mmdebstrap', [...flags, 'bookworm', root], { timeoutMs: BUILD_TIMEOUT_MS });
    await copyFile(process.execPath, join(root, 'usr/bin/node'));
    await chmod(join(root, 'usr/bin/node'), 0o755);
    await cp(await npmDirectory(), join(root, 'usr/lib/node_modules/npm'), { recursive: true });
    for (const name of ['npm', 'npx'])
      await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, 'usr/bin', name));
    await copyFile(CERTIFICATES, join(root, CERTIFICATES));
    await runProgram('tar', ['-C', root, '-cf', `${path}.${process.pid}`, '.'], { timeoutMs: BUILD_TIMEOUT_MS });
    await rename(`${path}.${process.pid}`, path);
    return path;
  } finally {
    await rm(`${path}.${process.pid}`, { force: true });
    await work.dispose();
  }
}
