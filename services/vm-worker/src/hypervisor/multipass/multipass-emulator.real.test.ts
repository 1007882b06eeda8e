import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@golem-provider/testing';
import { createMultipassEmulator, type MultipassEmulator } from './testing/emulator-control.ts';
import { createTranscriptReplay, type Ended, type TranscriptReplay } from './testing/transcript-replay.ts';

const MINUTE_MS = 60_000;

describe('the emulated Multipass', () => {
  let emulator: MultipassEmulator;
  let play: TranscriptReplay;

  const replay = (...ids: readonly string[]): Promise<void> => play.replay(...ids);
  const run = (...args: readonly string[]): Promise<Ended> => play.run(...args);
  const untilState = (name: string, state: string): Promise<void> => play.untilState(name, state);
  const launch = (name: string): Promise<Ended> => run('launch', '22.04', '--name', name);
  const launchFile = (name: string, memory = '1G'): Promise<Ended> =>
    run('launch', `file://${emulator.directory}/images/debian12.img`, '--name', name, '--memory', memory);

  beforeEach(async () => {
    emulator = await createMultipassEmulator(process.env);
    await emulator.configure({ prepareMs: 20, downloadMs: 5, bootMs: 20, cloudInitMs: 20, shutdownMs: 20 });
    play = await createTranscriptReplay(emulator);
  }, MINUTE_MS);

  afterEach(async () => {
    play.dispose();
    await emulator.dispose();
  }, MINUTE_MS);

  it('answers like a Multipass that has never run', () => replay('001', '002', '003'), MINUTE_MS);

  it(
    'answers like a Multipass without instances',
    async () => {
      await emulator.startDaemon();
      await replay('004', '005', '006', '007', '009', '010', '011', '012', '013', '014', '015', '017', '018', '019');
      await replay('020', '021', '022', '024', '030', '031', '036', '037', '283', '284', '285', '421', '422', '441');
    },
    MINUTE_MS,
  );

  it(
    'refuses launches like Multipass',
    async () => {
      await emulator.configure({ isNoisy: true, isOnline: false });
      await emulator.startDaemon();
      await replay('039', '040', '041', '042', '044', '045', '046', '047', '048', '049', '050', '051', '052', '053');
      await replay('054', '055', '056', '057', '058', '059', '060', '061', '062', '063', '064', '065');
      await emulator.configure({ isNoisy: false });
      await replay('406', '407');
    },
    MINUTE_MS,
  );

  it(
    'runs, stops and starts an instance like Multipass',
    async () => {
      await emulator.configure({ isNoisy: true });
      await emulator.startDaemon();
      await replay('066', '067', '068', '069', '070', '071', '072', '073', '075', '076', '077', '078', '079', '080');
      await replay('081', '082', '083', '084', '085', '086', '087', '088', '091', '092', '093', '095', '096', '098');
      await replay('101', '102', '103', '104', '105', '106', '109', '110', '111');
      await replay('122', '123', '124', '125', '126', '127', '128', '130');
      await run('start', 't1');
      await replay('288', '289', '290', '291', '292', '297', '298');
      await replay('309', '310', '311', '312');
    },
    MINUTE_MS,
  );

  it(
    'deletes and recovers like Multipass',
    async () => {
      await emulator.startDaemon();
      await launchFile('t1', '512M');
      await launchFile('t2', '384M');
      await replay('258', '259', '260', '261', '262', '263', '264', '265', '267', '268', '270', '271', '272', '276');
      await replay('277', '278', '279', '280', '281', '282', '287');
      for (const name of ['ta-clone1', 'ta-clone3', 'tacopy']) await launch(name);
      await replay('346', '347', '349', '352', '419', '420', '423');
    },
    MINUTE_MS,
  );

  it(
    'hides an instance while it is prepared, like Multipass',
    async () => {
      await emulator.configure({ prepareMs: 2500 });
      await emulator.startDaemon();
      const launching = play.begin(play.argsOf('317'));
      await launching.untilSays('Preparing image for ta');
      await replay('313', '314', '315');
      play.compare('317', await launching.ended);
      await replay('318');
    },
    MINUTE_MS,
  );

  it(
    'goes on with a launch whose client was killed, like Multipass',
    async () => {
      await emulator.configure({ prepareMs: 1500, bootMs: MINUTE_MS });
      await emulator.startDaemon();
      await emulator.addFault({ command: 'launch', kind: 'die', ms: 300 });
      expect(await play.begin(play.argsOf('319')).ended).toMatchObject({ exit: -1 });
      await replay('320', '321');
      await untilState('td', 'Unknown');
      await replay('323');
    },
    MINUTE_MS,
  );

  it(
    'is stuck in an unknown state after a boot that took too long, like Multipass',
    async () => {
      await emulator.configure({ doGuestsAnswer: false, waitLimitMs: 300, shutdownLimitMs: 50 });
      await emulator.startDaemon();
      const image = `file://${emulator.directory}/images/debian12.img`;
      const { exit, stderr } = await play.begin(['launch', image, '--name', 't2']).ended;
      expect({ exit, stderr }).toEqual({
        exit: 2,
        stderr: 'launch failed: The following errors occurred:\nt2: timed out waiting for response\n',
      });
      await replay('246', '248', '250', '255', '256', '257');
      await run('stop', '--force', 't2');
      await untilState('t2', 'Stopped');

      await emulator.configure({ doGuestsAnswer: true });
      await launch('ta');
      await run('stop', 'ta');
      await emulator.configure({ bootMs: MINUTE_MS });
      const args = play.argsOf('377').map((argument) => (argument === '10' ? '1' : argument));
      play.compare('377', await play.begin(args).ended);
      await untilState('ta', 'Unknown');
      await replay('381', '383', '384', '385');
      await untilState('ta', 'Stopped');
    },
    MINUTE_MS,
  );

  it(
    'reports a launch as done whose instance was removed or switched off under it, like Multipass',
    async () => {
      await emulator.configure({ bootMs: MINUTE_MS });
      await emulator.startDaemon();
      const removed = play.begin(play.argsOf('327'));
      await untilState('te', 'Unknown');
      await replay('326');
      play.compare('327', await removed.ended);

      const stopped = play.begin(play.argsOf('330'));
      await untilState('tf', 'Unknown');
      await replay('329');
      play.compare('330', await stopped.ended);
      await untilState('tf', 'Unknown');
      await replay('333', '334');
      await untilState('tf', 'Unknown');
      await replay('336');
      await untilState('tf', 'Stopped');
      await replay('338');
    },
    MINUTE_MS,
  );

  it(
    'refuses what cannot be done while an instance boots again, like Multipass',
    async () => {
      await emulator.startDaemon();
      await launchFile('v1');
      await run('stop', 'v1');
      await emulator.configure({ bootMs: MINUTE_MS });
      const starting = play.begin(play.argsOf('439'));
      await untilState('v1', 'Starting');
      await replay('424', '425', '426', '427', '428', '434', '435', '437', '438');
      play.compare('439', await starting.ended);
      await replay('440');
    },
    MINUTE_MS,
  );

  it(
    'delays a shutdown like Multipass',
    async () => {
      await emulator.startDaemon();
      await launchFile('ta');
      await replay('414', '388', '389', '390', '391', '392', '393', '394', '395', '396');
    },
    MINUTE_MS,
  );

  it(
    'notices that a guest went down by itself, like Multipass',
    async () => {
      await emulator.configure({ shutdownMs: 500 });
      await emulator.startDaemon();
      await launchFile('ta');
      await replay('363', '368', '369');
      await untilState('ta', 'Stopped');
      await replay('372');
      await run('start', 'ta');
      await emulator.killGuest('ta');
      await untilState('ta', 'Stopped');
      await replay('364', '365');
    },
    MINUTE_MS,
  );

  it(
    'boots what ran after its daemon was stopped or killed, like Multipass',
    async () => {
      await emulator.startDaemon();
      await launchFile('ta');
      await emulator.configure({ bootMs: 1500 });
      await emulator.stopDaemon();
      await replay('397');
      await emulator.startDaemon();
      await replay('398');
      await untilState('ta', 'Running');
      await replay('399');
      await emulator.killDaemon();
      expect(await emulator.guestProcesses()).not.toEqual([]);
      await emulator.startDaemon();
      await untilState('ta', 'Starting');
      await untilState('ta', 'Running');
    },
    MINUTE_MS,
  );

  it(
    'fails without a daemon like Multipass',
    async () => {
      await emulator.startDaemon();
      await emulator.killDaemon();
      await replay('203', '205', '206', '207', '208', '209', '210', '211', '212', '214', '215', '216', '219');
      await rm(join(emulator.directory, 'multipass_socket'));
      await replay('223', '224', '225', '226', '227', '228');
    },
    MINUTE_MS,
  );

  it(
    'refuses a client that it does not trust, like Multipass',
    async () => {
      await emulator.configure({ isClientTrusted: false });
      await emulator.startDaemon();
      await replay('401', '402', '403');
    },
    MINUTE_MS,
  );

  it(
    'holds up every call while one guest does not shut down, or is frozen',
    async () => {
      await emulator.startDaemon();
      await launch('ta');
      await emulator.freezeGuest('ta');
      const frozen = play.begin(['info', 'ta']).ended;
      // Two clients reach the daemon in either order: one that was first is answered, the next is not.
      const behind = await eventually(async () => {
        const { ended } = play.begin(['version', '--format', 'json']);
        const patience = new Promise((resolve) => setTimeout(resolve, 1500, 'held up'));
        expect(await Promise.race([ended.then(() => 'answered'), patience])).toBe('held up');
        return { ended };
      });
      await emulator.thawGuest('ta');
      expect(await frozen).toMatchObject({ exit: 0 });
      expect(await behind.ended).toMatchObject({ exit: 0 });
    },
    MINUTE_MS,
  );

  it(
    'ends everything when it is disposed of',
    async () => {
      await emulator.startDaemon();
      await launch('ta');
      expect(await emulator.guestProcesses()).not.toEqual([]);
      await emulator.dispose();
      expect(await emulator.guestProcesses()).toEqual([]);
    },
    MINUTE_MS,
  );
});
