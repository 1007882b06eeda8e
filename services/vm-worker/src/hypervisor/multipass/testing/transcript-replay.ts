import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { eventually } from '@golem-provider/testing';
import type { EmulatedCall } from './emulated-calls.ts';
import type { MultipassEmulator } from './emulator-control.ts';
import { expandIds, readTranscripts, transcriptOf } from './transcripts.ts';

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
  stop(signal?: NodeJS.Signals): void;
  /** What it has written to standard output so far. */
  said(): string;
  /** Resolves when it has written this to standard output. */
  untilSays(text: string): Promise<void>;
}

/** How a transcript is run in another way than it was recorded. */
export interface ReplayOptions {
  /** In place of the seconds of `--timeout`. */
  readonly timeoutSeconds?: number;
  /** Beside the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Holds an emulated Multipass against the transcripts of the real one. */
export interface TranscriptReplay {
  begin(args: readonly string[], options?: ReplayOptions & { readonly stdin?: string }): Begun;
  /** Runs a command that must end with 0. */
  run(...args: readonly string[]): Promise<Ended>;
  /** Begins the command of a transcript. What it gives resolves when it has ended like that. */
  start(id: string, options?: ReplayOptions): Begun & { readonly compared: () => Promise<void> };
  /** Runs the commands of transcripts, such as `066` or all of `070-079`, one after the other, and compares each. */
  replay(...ids: readonly string[]): Promise<void>;
  /** The same where a command needs another environment or a shorter time. */
  replayWith(options: ReplayOptions, ...ids: readonly string[]): Promise<void>;
  /**
   * Begins the command of a transcript that never ended by itself, and ends it by the recorded signal when it has written
   * all that is recorded and its request has come to a halt: at a daemon that holds it up, or at one that takes none.
   */
  replayKilled(id: string, options?: ReplayOptions & { readonly isDaemonDeaf?: boolean }): Promise<void>;
  untilState(name: string, state: string): Promise<void>;
  /** Resolves when the daemon is done with the call of a transcript, whose client may have gone. */
  untilAnswered(id: string, options?: ReplayOptions): Promise<void>;
  /** Resolves when the daemon has the request of a transcript. */
  untilReceived(id: string): Promise<void>;
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
    .replaceAll(`${directory}/snap/`, '/snap/')
    .replaceAll(/failed to open file '[^']*multipass_root_cert.pem'/g, "failed to open file 'multipass_root_cert.pem'")
    .replaceAll(/\b(?:10|127)\.\d+\.\d+\.\d+\b/g, '<address>')
    .replaceAll(/\b[0-9a-f]{64}\b/g, '<digest>')
    .replaceAll(/^(Image hash: +)[0-9a-f]{12}$/gm, '$1<digest>')
    .replaceAll(/^(Load|Disk usage|Memory usage): +\S.*\d.*$/gm, '$1: <measured>')
    .replaceAll(/"load": \[\s+[\d.]+,\s+[\d.]+,\s+[\d.]+\s+\]/g, '"load": <measured>')
    .replaceAll(/"(total|used)": ("?)\d+\2/g, '"$1": $2<measured>$2')
    .replaceAll(/"created": "\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} UTC"/g, '"created": <time>')
    .replaceAll(/^last_update: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/gm, 'last_update: <time>')
    .replaceAll(/^ \d\d:\d\d:\d\d up \d+ min,(.*load average:) [\d.]+, [\d.]+, [\d.]+$/gm, ' <time>,$1 <measured>')
    .replaceAll(/^(SSH_(?:CONNECTION|CLIENT)=<address>) \d+ /gm, '$1 <port> ')
    .replaceAll(/num_bytes = [1-9]\d*$/gm, 'num_bytes = <measured>')
    .replaceAll('    "emulator": true,\n', '');
}

/** The files that the recorded command lines name, as far as what is in them matters. */
const FILES = {
  'up.txt': 'up\n',
  'ci.yaml': '#cloud-config\nwrite_files:\n  - path: /etc/vmnode\n    content: |\n      hello\n',
  'bad.yaml': '#cloud-config\nruncmd: [echo, hello\n',
  'script.sh': '#!/bin/sh\necho hello\n',
  'scalar.yaml': 'hello\n',
  'empty.yaml': '',
  'rich.yaml': '#cloud-config\nusers: [default]\npackages: [foo]\nruncmd:\n  - [sh, -c, "echo a:b"]\n',
  'q.yaml': '#cloud-config\nhostname: "12345"\nwrite_files:\n  - path: /etc/x\n    content: "0123"\n',
};
const SETTLE_MS = 150;

/** Writes the files that the recorded command lines name. */
async function writeFiles(directory: string): Promise<void> {
  const disk = Buffer.alloc(64);
  disk.writeUInt32BE(0x51_46_49_fb);
  disk.writeBigUInt64BE(BigInt(3 * GIB), 24);
  await mkdir(join(directory, 'images'));
  for (const name of ['debian12.qcow2', 'debian12.img']) {
    await writeFile(join(directory, 'images', name), disk);
  }
  const lib = join(directory, 'snap/multipass/current/lib');
  await mkdir(lib, { recursive: true });
  await writeFile(join(lib, 'a.so'), 'library');
  for (const [name, content] of Object.entries(FILES)) await writeFile(join(directory, name), content);
}

/** The signals by which recorded clients were ended. */
function signalOf(exit: number): NodeJS.Signals {
  const signal = (['SIGINT', 'SIGKILL', 'SIGTERM'] as const).find((one) => constants.signals[one] === -exit);
  if (signal === undefined) throw new Error(`${exit} is no signal by which a client was ended`);
  return signal;
}

/** A replay over an emulator; its daemon is not started. Adds to `compared` the number of each transcript that was met. */
export async function createTranscriptReplay(
  emulator: MultipassEmulator,
  compared: Set<string>,
  environment: NodeJS.ProcessEnv,
): Promise<TranscriptReplay> {
  const { directory, program } = emulator;
  const transcripts = readTranscripts();
  const stops = new Set<() => void>();
  await writeFiles(directory);

  const argsOf = (id: string, { timeoutSeconds }: ReplayOptions): string[] =>
    transcriptOf(transcripts, id).args.map((argument, index, all) =>
      timeoutSeconds !== undefined && all[index - 1] === '--timeout'
        ? String(timeoutSeconds)
        : argument.replace('file:///images/', `file://${directory}/images/`).replace(/^\/snap\//, `${directory}/snap/`),
    );
  const begin: TranscriptReplay['begin'] = (args, { stdin = '', env = {} } = {}) => {
    const child = spawn(program, args, { cwd: directory, env: { ...environment, ...env } });
    const stop = (signal: NodeJS.Signals = 'SIGKILL'): void => void child.kill(signal);
    stops.add(stop);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdin.on('error', () => undefined).end(stdin);
    return {
      stop,
      said: () => stdout,
      ended: once(child, 'close').then(() => {
        stops.delete(stop);
        const exit = child.signalCode === null ? (child.exitCode ?? 0) : -constants.signals[child.signalCode];
        return { exit, stdout, stderr };
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
    compared.add(id);
    expect(clean(id, ended)).toEqual(clean(id, transcriptOf(transcripts, id)));
  };
  const start: TranscriptReplay['start'] = (id, options = {}) => {
    const begun = begin(argsOf(id, options), { ...options, stdin: transcriptOf(transcripts, id).stdin ?? '' });
    return { ...begun, compared: async () => compare(id, await begun.ended) };
  };
  const replayWith: TranscriptReplay['replayWith'] = async (options, ...ids) => {
    for (const id of expandIds(transcripts, ids)) await start(id, options).compared();
  };
  /** The newest call of a transcript's words. */
  const callOf = async (id: string, options: ReplayOptions = {}): Promise<EmulatedCall> => {
    const words = argsOf(id, options).join(' ');
    const call = (await emulator.calls()).findLast(({ argv }) => argv.join(' ') === words);
    if (call === undefined) throw new Error(`there was no call ${words}`);
    return call;
  };
  return {
    begin,
    run,
    start,
    replay: (...ids) => replayWith({}, ...ids),
    replayWith,
    async replayKilled(id, options = {}) {
      const { stdout, exit } = transcriptOf(transcripts, id);
      const begun = start(id, options);
      await eventually(async () => {
        expect(normalise(begun.said(), directory)).toBe(normalise(stdout, directory));
        const { receivedAt } = await callOf(id);
        if (options.isDaemonDeaf !== true) expect(receivedAt).not.toBeNull();
      });
      // Long enough for an answer to come if there were one; a test that had none would pass all the same.
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      begun.stop(signalOf(exit));
      await begun.compared();
    },
    untilState: (name, state) =>
      eventually(async () => {
        const { stdout } = await run('list', '--format', 'csv', '--no-ipv4');
        expect(stdout).toContain(`\n${name},${state},`);
      }),
    untilAnswered: (id, options) =>
      eventually(async () => expect((await callOf(id, options)).answeredAt).not.toBeNull()),
    untilReceived: (id) => eventually(async () => expect((await callOf(id)).receivedAt).not.toBeNull()),
    dispose() {
      for (const stop of stops) stop();
    },
  };
}
