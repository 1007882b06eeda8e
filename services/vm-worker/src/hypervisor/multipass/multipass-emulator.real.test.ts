import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@golem-provider/testing';
import { createMultipassEmulator, type MultipassEmulator } from './testing/emulator-control.ts';
import { createTranscriptReplay, type TranscriptReplay } from './testing/transcript-replay.ts';

const TEST_TIMEOUT_MS = 180_000;
const LONG_MS = 600_000;

describe('the emulated Multipass, when it is told so,', () => {
  let emulator: MultipassEmulator;
  let play: TranscriptReplay;

  const states = async (): Promise<string[]> =>
    (await play.run('list', '--format', 'csv', '--no-ipv4')).stdout
      .split('\n')
      .slice(1, -1)
      .map((line) => line.split(',').slice(0, 2).join(' '));
  /** Resolves when the daemon has the request of the call with these words. */
  const untilReceived = (words: string): Promise<void> =>
    eventually(async () => {
      const call = (await emulator.calls()).find(({ argv }) => argv.join(' ') === words);
      expect(call?.receivedAt).toEqual(expect.any(Number));
    });
  const inGuest = async (name: string, script: string, stdin = ''): Promise<string> => {
    const { exit, stdout, stderr } = await play.begin(['exec', name, '--', 'sh', '-c', script], { stdin }).ended;
    expect([exit, stderr]).toEqual([0, '']);
    return stdout;
  };

  beforeEach(async () => {
    emulator = await createMultipassEmulator(process.env);
    await emulator.configure({ prepareMs: 20, downloadMs: 5, bootMs: 20, cloudInitMs: 20, shutdownMs: 20 });
    play = await createTranscriptReplay(emulator, new Set(), process.env);
    await emulator.startDaemon();
  }, TEST_TIMEOUT_MS);

  afterEach(async () => {
    play.dispose();
    await emulator.dispose();
  }, TEST_TIMEOUT_MS);

  it(
    'hangs, without asking the daemon, or is slow',
    async () => {
      await emulator.addFault({ command: 'version', kind: 'hang' });
      const hung = play.begin(['version']);
      await eventually(async () => expect(await emulator.pendingFaults()).toBe(0));
      await emulator.addFault({ command: '*', kind: 'slow', ms: 300 });
      await play.run('version');
      hung.stop();
      expect(await hung.ended).toMatchObject({ exit: -9, stdout: '' });
      const [first, second] = await emulator.calls();
      expect(first).toMatchObject({ argv: ['version'], receivedAt: null, endedAt: null, exitCode: null });
      expect((second?.receivedAt ?? 0) - (second?.beganAt ?? 0)).toBeGreaterThanOrEqual(300);
      expect(second?.exitCode).toBe(0);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'prints rubbish, half an answer or noise, or fails once and then works',
    async () => {
      await emulator.addFault({ command: 'list', kind: 'rubbish', text: '<html>' });
      await emulator.addFault({ command: 'list', kind: 'truncate' });
      await emulator.addFault({ command: 'list', kind: 'noise' });
      await emulator.addFault({ command: 'list', kind: 'refuse', exitCode: 3, text: 'list failed: no\n' });
      const list = ['list', '--format', 'json'];
      expect(await play.begin(list).ended).toEqual({ exit: 0, stdout: '<html>', stderr: '' });
      const { stdout: half } = await play.begin(list).ended;
      const noisy = await play.begin(list).ended;
      expect(noisy).toMatchObject({ exit: 0, stderr: expect.stringContaining('[error] [url downloader]') });
      expect(noisy.stdout.startsWith(half)).toBe(true);
      expect(half).toHaveLength(Math.floor(noisy.stdout.length / 2));
      expect(await play.begin(list).ended).toEqual({ exit: 3, stdout: '', stderr: 'list failed: no\n' });
      expect(await play.begin(list).ended).toEqual({ ...noisy, stderr: '' });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'dies midway: the daemon goes on with what a client asked for that was killed',
    async () => {
      await emulator.configure({ prepareMs: 300 });
      await emulator.addFault({ command: 'launch', kind: 'die', ms: 0 });
      expect(await play.begin(['launch', '22.04', '--name', 'ta']).ended).toMatchObject({ exit: -9 });
      await play.untilState('ta', 'Running');
      const launches = (await emulator.calls()).filter(({ argv }) => argv[0] === 'launch');
      expect(launches).toEqual([expect.objectContaining({ exitCode: null, endedAt: null })]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'crashes: guests run on, and boot again when the daemon is back; an instance in preparation is lost',
    async () => {
      await play.run('launch', '22.04', '--name', 'ta');
      // What runs holds the lock; its process id may be another's after the boot.
      await inGuest('ta', 'exec 9>lock; flock 9; sleep 600 >/dev/null 2>&1 </dev/null &');
      expect(await inGuest('ta', 'flock --nonblock lock true || echo runs')).toBe('runs\n');
      await emulator.configure({ prepareMs: LONG_MS });
      await emulator.addFault({ command: 'launch', kind: 'crash', ms: 100 });
      expect(await play.begin(['launch', '22.04', '--name', 'tb']).ended).toMatchObject({
        exit: 2,
        stderr: 'launch failed: cannot connect to the multipass socket\n',
      });
      await emulator.killDaemon();
      expect(await emulator.guestProcesses()).not.toEqual([]);
      await emulator.startDaemon();
      await play.untilState('ta', 'Running');
      // Its disk is as it was, but nothing of what ran.
      expect(await inGuest('ta', 'flock --nonblock lock echo rebooted')).toBe('rebooted\n');
      expect(await states()).toEqual(['ta Running']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is wedged for ever by a request, or by a login to a guest for which a start waits, until it is killed',
    async () => {
      await emulator.addFault({ command: 'version', kind: 'wedge' });
      const wedged = play.begin(['version']).ended;
      await untilReceived('version');
      emulator.askDaemonToStop();
      expect(emulator.isDaemonAlive()).toBe(true);
      await emulator.killDaemon();
      await wedged;
      await emulator.startDaemon();

      await emulator.configure({ doLoginsWedge: true, cloudInitMs: LONG_MS });
      const launching = play.begin(['launch', '22.04', '--name', 'ta']);
      await play.untilState('ta', 'Running');
      const listing = play.begin(['list']);
      await untilReceived('list');
      const after = play.begin(['version']);
      await emulator.killDaemon();
      expect(await listing.ended).toMatchObject({
        exit: 2,
        stderr: 'list failed: cannot connect to the multipass socket\n',
      });
      expect(await launching.ended).toMatchObject({ exit: 2 });
      await after.ended;
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'has guests that refuse logins while they reboot: info fails, list does not',
    async () => {
      await emulator.configure({ bootMs: 0 });
      await play.run('launch', '22.04', '--name', 'ta');
      await emulator.configure({ bootMs: LONG_MS });
      // It may end the session before the session has told how the command ended.
      await play.begin(['exec', 'ta', '--', 'sudo', 'reboot']).ended;
      await eventually(async () => {
        expect(await play.begin(['info', 'ta']).ended).toEqual({
          exit: 2,
          stdout: '',
          stderr: "info failed: ssh connection failed: 'Connection refused'\n",
        });
      });
      expect((await play.run('list')).stdout).toMatch(/ta +Running +127\./);
      expect(await play.begin(['exec', 'ta', '--', 'true']).ended).toMatchObject({
        exit: 2,
        stderr: "exec failed: ssh connection failed: 'Connection refused'\n",
      });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'gives up a launch whose guest comes up but whose cloud-init does not end',
    async () => {
      await emulator.configure({ cloudInitMs: LONG_MS });
      const launching = play.begin(['launch', '22.04', '--name', 'ta']);
      await play.untilState('ta', 'Running');
      await emulator.configure({ waitLimitMs: 0 });
      expect(await launching.ended).toMatchObject({
        exit: 2,
        stderr: 'launch failed: The following errors occurred:\nta: timed out waiting for initialization to complete\n',
      });
      expect(await states()).toEqual(['ta Running']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'has an exec that starts the instance, drops input beyond 2 MiB, and leaves behind what it ran',
    async () => {
      await play.run('launch', '22.04', '--name', 'ta');
      await play.run('stop', 'ta');
      const size = 3 * 1024 ** 2;
      const counted = await play.begin(['exec', 'ta', '--', 'wc', '-c'], { stdin: 'x'.repeat(size) }).ended;
      expect(counted).toMatchObject({ exit: 0, stdout: expect.stringMatching(/2097152\n$/), stderr: '' });
      expect(await states()).toEqual(['ta Running']);

      const begun = play.begin(['exec', 'ta', '--', 'sh', '-c', 'echo $$ >pid; echo begun; exec sleep 600']);
      await begun.untilSays('begun');
      begun.stop();
      await begun.ended;
      expect(await inGuest('ta', 'kill -0 $(cat pid) && echo alive')).toBe('alive\n');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'makes do with sockets for guests, cheap enough for hundreds, and lists a thousand at once',
    async () => {
      await emulator.configure({ guests: 'listener', prepareMs: 0, downloadMs: 0, bootMs: 0, cloudInitMs: 0 });
      await play.run('launch', '22.04', '--name', 'ta');
      expect(await emulator.guestProcesses()).toEqual([]);
      expect((await play.run('list')).stdout).toMatch(/ta +Running +127\./);
      await play.run('exec', 'ta', '--', 'sudo', 'poweroff');
      await play.untilState('ta', 'Stopped');
      await emulator.launchMany(Array.from({ length: 999 }, (_, index) => `many-${index}`));
      for (const options of [['--no-ipv4'], []]) {
        const { stdout } = await play.run('list', '--format', 'csv', ...options);
        expect(stdout.match(/,Running,/g)).toHaveLength(999);
      }
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'ends everything when it is disposed of',
    async () => {
      await play.run('launch', '22.04', '--name', 'ta');
      expect(await emulator.guestProcesses()).not.toEqual([]);
      await emulator.dispose();
      expect(await emulator.guestProcesses()).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );
});
