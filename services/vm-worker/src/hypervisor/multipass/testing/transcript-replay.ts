import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { eventually } from '@golem-provider/testing';
import type { MultipassEmulator } from './emulator-control.ts';
import { readTranscripts, transcriptOf } from './transcripts.ts';

const GIB = 1024 ** 3;

/** How a run of a command ended. */
export interface Ended {
  /** Negative: by a signal. */
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Begun {
  readonly ended: Promise<Ended>;
  /** Resolves when it has written this to standard output. */
  untilSays(text: string): Promise<void>;
}

/** Holds an emulated Multipass against the transcripts of the real one. */
export interface TranscriptReplay {
  /** Arguments of a transcript with the image files that `begin` has made. */
  argsOf(id: string): string[];
  begin(args: readonly string[], stdin?: string): Begun;
  /** Runs a command that must end with 0. */
  run(...args: readonly string[]): Promise<Ended>;
  compare(id: string, ended: Ended): void;
  /** Runs the commands of transcripts, one after the other, and compares each. */
  replay(...ids: readonly string[]): Promise<void>;
  untilState(name: string, state: string): Promise<void>;
  /** Kills the commands that still run. */
  dispose(): void;
}

const FRAMES = new RegExp(`(?:${String.fromCharCode(8)}[-\\\\|/])+`, 'g');

/** Takes out what no two runs have in common: frames of the spinner, times, addresses, digests, what a guest measures. */
function normalise(text: string, directory: string): string {
  return text
    .replaceAll(FRAMES, '')
    .replaceAll(/^\[\d{4}-\d\d-\d\dT[\d:.]+\]/gm, '[time]')
    .replaceAll(`${directory}/images/`, '/images/')
    .replaceAll(/failed to open file '[^']*multipass_root_cert.pem'/g, "failed to open file 'multipass_root_cert.pem'")
    .replaceAll(/\b(?:10|127)\.\d+\.\d+\.\d+\b/g, '<address>')
    .replaceAll(/\b[0-9a-f]{64}\b/g, '<digest>')
    .replaceAll(/^(Image hash: +)[0-9a-f]{12}$/gm, '$1<digest>')
    .replaceAll(/^(Load|Disk usage|Memory usage): +\S.*\d.*$/gm, '$1: <measured>')
    .replaceAll(/"load": \[\s+[\d.]+,\s+[\d.]+,\s+[\d.]+\s+\]/g, '"load": <measured>')
    .replaceAll(/"(total|used)": "?\d+"?/g, '"$1": <measured>')
    .replaceAll(/("snapshot_count": )"\d"/g, '$1<count>')
    .replaceAll('    "emulator": true,\n', '');
}

/** Writes the files that the recorded command lines name. */
async function writeFiles(directory: string): Promise<void> {
  const disk = Buffer.alloc(64);
  disk.writeUInt32BE(0x51_46_49_fb);
  disk.writeBigUInt64BE(BigInt(3 * GIB), 24);
  await mkdir(join(directory, 'images'));
  for (const name of ['debian12.qcow2', 'debian12.img']) {
    await writeFile(join(directory, 'images', name), disk);
  }
  await writeFile(join(directory, 'ci.yaml'), '#cloud-config\nruncmd:\n  - [echo, hello]\n');
  await writeFile(join(directory, 'bad.yaml'), '#cloud-config\nruncmd: [echo, hello\n');
  await writeFile(join(directory, 'script.sh'), '#!/bin/sh\necho hello\n');
  await writeFile(join(directory, 'scalar.yaml'), 'hello\n');
}

/** A replay over an emulator; its daemon is not started. */
export async function createTranscriptReplay(emulator: MultipassEmulator): Promise<TranscriptReplay> {
  const { directory, program } = emulator;
  const transcripts = readTranscripts();
  const stops = new Set<() => void>();
  await writeFiles(directory);

  const argsOf = (id: string): string[] =>
    transcriptOf(transcripts, id).args.map((argument) =>
      argument.replace('file:///images/', `file://${directory}/images/`),
    );
  const begin = (args: readonly string[], stdin = ''): Begun => {
    const child = spawn(program, args, { cwd: directory });
    const stop = (): void => void child.kill('SIGKILL');
    stops.add(stop);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.on('error', () => undefined).end(stdin);
    return {
      ended: once(child, 'close').then(() => {
        stops.delete(stop);
        return { exit: child.exitCode ?? (child.signalCode === 'SIGSEGV' ? -11 : -1), stdout, stderr };
      }),
      untilSays: (text) => eventually(() => expect(stdout).toContain(text)),
    };
  };
  const run = async (...args: readonly string[]): Promise<Ended> => {
    const ended = await begin(args).ended;
    expect(ended).toMatchObject({ exit: 0 });
    return ended;
  };
  const clean = (id: string, { exit, stdout, stderr }: Ended): object => ({
    id,
    exit,
    stdout: normalise(stdout, directory),
    stderr: normalise(stderr, directory),
  });
  const compare = (id: string, ended: Ended): void => {
    expect(clean(id, ended)).toEqual(clean(id, transcriptOf(transcripts, id)));
  };
  return {
    argsOf,
    begin,
    run,
    compare,
    async replay(...ids) {
      for (const id of ids) compare(id, await begin(argsOf(id), transcriptOf(transcripts, id).stdin).ended);
    },
    untilState: (name, state) =>
      eventually(async () => {
        const { stdout } = await run('list', '--format', 'csv', '--no-ipv4');
        expect(stdout).toContain(`\n${name},${state},`);
      }),
    dispose() {
      for (const stop of stops) stop();
    },
  };
}
