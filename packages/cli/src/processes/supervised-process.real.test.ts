import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createLogger, isRunning, type ProcessIdentity, signalProcess } from '@golem-provider/service-kit';
import { eventually, temporaryDirectory, type TemporaryDirectory } from '@golem-provider/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSupervisedProcess, type SupervisedProcess } from './supervised-process.ts';

describe('a supervised process', () => {
  let directory: TemporaryDirectory;
  let supervised: SupervisedProcess | undefined;
  let lines: string[];
  let seen: ProcessIdentity[];
  beforeEach(async () => {
    directory = await temporaryDirectory();
    lines = [];
    seen = [];
  });
  afterEach(async () => {
    await supervised?.stop();
    await directory.dispose();
  });

  const start = async (source: string, stopPatienceMs = 10_000): Promise<SupervisedProcess> => {
    const entry = join(directory.path, 'toy.mjs');
    await writeFile(entry, source);
    supervised = createSupervisedProcess(
      {
        name: 'toy',
        program: process.execPath,
        args: [entry],
        env: {},
        cwd: directory.path,
        stopPatienceMs,
        endsWithUs: true,
      },
      {
        onLine: (_name, line) => lines.push(line),
        onProcess: (_name, identity) => {
          if (identity !== undefined) seen.push(identity);
        },
      },
      createLogger({ name: 'test', level: 'info', pretty: false }, { write: (line) => lines.push(line) }),
    );
    supervised.start();
    return supervised;
  };

  const logged = (text: string): Promise<void> => eventually(() => expect(lines.join('\n')).toContain(text));

  it('is started again when it dies', async () => {
    await start("console.log('here'); setInterval(() => {}, 1000);");
    await logged('here');
    signalProcess(seen[0] ?? { pid: 1, started: '' }, 'SIGKILL');

    await eventually(() => expect(seen).toHaveLength(2));

    expect(lines.join('\n')).toContain('toy ended (SIGKILL), starting it again in 0.5 s');
  });

  it('is not started again after exit code 78, and its words are passed on', async () => {
    const toy = await start("console.error('PORT: must be a number'); process.exitCode = 78;");

    await expect(toy.gaveUp).resolves.toBe(78);

    // Its last words may come after its end.
    await eventually(() => expect(lines).toContain('PORT: must be a number'));
    expect(seen).toHaveLength(1);
  });

  it('gets the time to end by itself', async () => {
    const toy = await start(
      "process.on('SIGTERM', () => setTimeout(() => { console.log('saved'); process.exit(0); }, 200)); console.log('here');" +
        'setInterval(() => {}, 1000);',
    );
    await logged('here');
    await toy.stop();
    supervised = undefined;

    // Its last words may come after its end.
    await eventually(() => expect(lines).toContain('saved'));
    expect(seen.filter(isRunning)).toEqual([]);
  });

  it('is killed when it does not end', async () => {
    const toy = await start("process.on('SIGTERM', () => {}); console.log('here'); setInterval(() => {}, 1000);", 300);
    await logged('here');
    await toy.stop();
    supervised = undefined;

    expect(lines.join('\n')).toContain('toy did not end within 0.3 s, killing it');
    expect(seen.filter(isRunning)).toEqual([]);
  });

  it('can be stopped while it waits to be started again', async () => {
    const toy = await start('process.exitCode = 1;');
    await logged('starting it again');
    await toy.stop();
    supervised = undefined;

    expect(seen.filter(isRunning)).toEqual([]);
  });
});
