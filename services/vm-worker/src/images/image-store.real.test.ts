import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat, truncate, utimes, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ImageName } from '@golem-provider/contracts';
import { systemClock } from '@golem-provider/service-kit';
import { eventually, type TemporaryDirectory, temporaryDirectory } from '@golem-provider/testing';
import { createCommandRunner } from '../exec/command-runner.ts';
import { runTool } from '../exec/run-tool.ts';
import { makeBlankImage } from '../testing/blank-image.ts';
import type { CatalogueImage, ImageSource } from './catalogue.ts';
import { createImageStore, type ImageStore } from './image-store.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** For a connection that stalls for good; anywhere else the machine may stand still for a while. */
const STALL_MS = 300;
const PATIENT_MS = 30_000;
const NAME = ImageName.parse('test:1');
const run = createCommandRunner(process.env);

describe('createImageStore', () => {
  let directory: TemporaryDirectory;
  let server: Server;
  let base: string;
  let disk: Buffer;
  let requests: string[];
  let serve: Handler;

  const images = (): string => join(directory.path, 'images');
  const sha256 = (): string => createHash('sha256').update(disk).digest('hex');
  const storeOf = (source: ImageSource, stallMs: number): ImageStore => {
    const image: CatalogueImage = { name: NAME, aliases: [ImageName.parse('one')], release: 'Test 1', source };
    return createImageStore({
      directory: images(),
      catalogue: [image],
      architecture: 'amd64',
      run,
      clock: systemClock,
      limits: { stallMs, retries: 3, retryPauseMs: 10, maxBytes: 64 * 1024 ** 2 },
    });
  };
  const download = (stallMs = PATIENT_MS): ImageStore =>
    storeOf(
      {
        kind: 'download',
        url: `${base}/disk.qcow2`,
        checksum: { algorithm: 'sha256', listUrl: `${base}/SHA256SUMS` },
      },
      stallMs,
    );
  const context = (onProgress: (percent: number | null) => void = () => undefined) => ({
    signal: AbortSignal.timeout(60_000),
    onProgress,
  });
  const leftovers = async (): Promise<string[]> => (await readdir(images())).filter((name) => name.includes('partial'));

  /** A whole answer, or the rest of one. */
  const sendDisk: Handler = (request, response) => {
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, {
      etag: '"1"',
      'content-length': disk.length - from,
      ...(from > 0 && { 'content-range': `bytes ${from}-${disk.length - 1}/${disk.length}` }),
    });
    response.end(disk.subarray(from));
  };
  const sendHalf: Handler = (_, response) => {
    response.writeHead(200, { etag: '"1"', 'content-length': disk.length });
    response.write(disk.subarray(0, disk.length / 2), () => response.destroy());
  };
  const sendList: Handler = (_, response) => response.end(`${sha256()} *disk.qcow2\n`);

  beforeEach(async () => {
    directory = await temporaryDirectory();
    const path = join(directory.path, 'disk.qcow2');
    const command = { program: 'qemu-img', args: ['create', '-q', '-f', 'qcow2', path, '1G'], timeoutMs: 30_000 };
    await runTool(run, command, 'making a disk', AbortSignal.timeout(30_000));
    // Enough to fill more than one packet.
    await truncate(path, 4 * 1024 ** 2);
    disk = await readFile(path);
    requests = [];
    serve = (request, response) => (request.url === '/SHA256SUMS' ? sendList : sendDisk)(request, response);
    server = createServer((request, response) => {
      requests.push(`${request.url ?? ''}${request.headers.range === undefined ? '' : ` ${request.headers.range}`}`);
      serve(request, response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    base = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await directory.dispose();
  });

  it('fetches an image, checks it and keeps it', async () => {
    const seen: (number | null)[] = [];
    const store = download();
    expect(await store.find(NAME)).toBeUndefined();
    const image = await store.ensure(
      ImageName.parse('one'),
      context((percent) => seen.push(percent)),
    );
    expect(image).toMatchObject({
      name: NAME,
      directoryName: 'test-1',
      description: { virtual_size_bytes: 1024 ** 3 },
    });
    expect((await readFile(join(image.directory, 'disk.qcow2'))).equals(disk)).toBe(true);
    expect(seen.at(-1)).toBe(100);
    await store.ensure(NAME, context());
    expect(requests).toEqual(['/SHA256SUMS', '/disk.qcow2']);
    expect(await readdir(images())).toEqual(['test-1']);
    expect((await stat(image.directory)).mode & 0o777).toBe(0o755);
  });

  it('fetches once for all who ask at the same time', async () => {
    const store = download();
    const [a, b] = await Promise.all([store.ensure(NAME, context()), store.ensure(NAME, context())]);
    expect(a).toEqual(b);
    expect(requests).toEqual(['/SHA256SUMS', '/disk.qcow2']);
  });

  it('takes a broken connection up where it broke', async () => {
    let tries = 0;
    serve = (request, response) => {
      if (request.url === '/SHA256SUMS') sendList(request, response);
      else if ((tries += 1) === 1) sendHalf(request, response);
      else sendDisk(request, response);
    };
    await download().ensure(NAME, context());
    expect(requests.at(-1)).toMatch(/^\/disk\.qcow2 bytes=\d+-$/);
  });

  it('begins again where the server cannot go on', async () => {
    let tries = 0;
    serve = (request, response) => {
      if (request.url === '/SHA256SUMS') sendList(request, response);
      else if ((tries += 1) === 1) sendHalf(request, response);
      else response.writeHead(200, { 'content-length': disk.length }).end(disk);
    };
    const { directory: path } = await download().ensure(NAME, context());
    expect((await readFile(join(path, 'disk.qcow2'))).equals(disk)).toBe(true);
  });

  it.each<[string, Handler, number?]>([
    ['a connection that always breaks', sendHalf],
    [
      'a server that stalls',
      (_, response) => response.writeHead(200, { 'content-length': disk.length }).write('x'),
      STALL_MS,
    ],
    ['a server that says nothing', () => undefined, STALL_MS],
    ['another file than the list promises', (_, response) => response.end('something else')],
    ['a file that is not there', (_, response) => response.writeHead(404).end()],
    ['a server in trouble', (_, response) => response.writeHead(500).end()],
  ])('gives no image at all for %s', async (_, handler, stallMs = PATIENT_MS) => {
    serve = (request, response) => (request.url === '/SHA256SUMS' ? sendList : handler)(request, response);
    await expect(download(stallMs).ensure(NAME, context())).rejects.toMatchObject({ code: 'IMAGE_UNAVAILABLE' });
    expect(await readdir(images())).toEqual([]);
  });

  it('gives no image that the list of checksums does not name', async () => {
    serve = (request, response) =>
      request.url === '/SHA256SUMS' ? response.end(`${sha256()} *other.qcow2\n`) : sendDisk(request, response);
    await expect(download().ensure(NAME, context())).rejects.toMatchObject({ code: 'IMAGE_UNAVAILABLE' });
    expect(requests).toEqual(['/SHA256SUMS']);
  });

  it('stops the download when its caller gives up', async () => {
    const closed = new Promise((resolve) => {
      serve = (request, response) => {
        if (request.url === '/SHA256SUMS') sendList(request, response);
        else response.on('close', resolve).writeHead(200, { 'content-length': disk.length }).write('x');
      };
    });
    const controller = new AbortController();
    const result = download().ensure(NAME, { signal: controller.signal, onProgress: () => undefined });
    await eventually(() => expect(requests).toContain('/disk.qcow2'));
    controller.abort(new Error('given up'));
    await expect(result).rejects.toThrow('given up');
    await closed;
    await eventually(async () => expect(await leftovers()).toEqual([]));
  });

  it('refuses a disk that would make QEMU open other files', async () => {
    const path = join(directory.path, 'evil.qcow2');
    const args = ['create', '-q', '-u', '-f', 'qcow2', '-F', 'raw', '-b', '/etc/shadow', path, '1G'];
    await runTool(run, { program: 'qemu-img', args, timeoutMs: 30_000 }, 'making a disk', AbortSignal.timeout(30_000));
    await expect(storeOf({ kind: 'file', path }, PATIENT_MS).ensure(NAME, context())).rejects.toMatchObject({
      code: 'IMAGE_UNAVAILABLE',
      publicDetail: 'The disk of the image names other files.',
    });
  });

  it("copies an operator's own file, so that it may change", async () => {
    const path = join(directory.path, 'disk.qcow2');
    const image = await storeOf({ kind: 'file', path }, PATIENT_MS).ensure(NAME, context());
    await writeFile(path, 'changed');
    expect((await readFile(join(image.directory, 'disk.qcow2'))).equals(disk)).toBe(true);
  });

  it('clears away what a download of yesterday left', async () => {
    const old = join(images(), 'test-1.0badcafe.partial');
    await mkdir(old, { recursive: true });
    await utimes(old, 1, 1);
    await download().ensure(NAME, context());
    expect(await readdir(images())).toEqual(['test-1']);
  });

  it('calls an image that lost a file unavailable, and never fetches another in its place', async () => {
    const store = download();
    const { directory: path } = await store.ensure(NAME, context());
    await truncate(join(path, 'image.json'), 3);
    await expect(store.ensure(NAME, context())).rejects.toMatchObject({ code: 'IMAGE_UNAVAILABLE' });
  });

  it('knows no image outside its catalogue', async () => {
    await expect(download().ensure(ImageName.parse('other'), context())).rejects.toMatchObject({
      code: 'IMAGE_UNKNOWN',
    });
  });

  it('takes over an image that was made elsewhere without copying it', async () => {
    const store = createImageStore({
      directory: images(),
      catalogue: [
        { name: ImageName.parse('debian:12'), aliases: [], release: '', source: { kind: 'file', path: '/nowhere' } },
      ],
      architecture: 'amd64',
      run,
      clock: systemClock,
    });
    const from = join(directory.path, 'made');
    await makeBlankImage(process.env, from);
    await store.importImage(from);
    await store.importImage(from);
    const imported = await stat(join(images(), 'debian-12', 'disk.qcow2'));
    expect(imported.ino).toBe((await stat(join(from, 'disk.qcow2'))).ino);
  });
});
