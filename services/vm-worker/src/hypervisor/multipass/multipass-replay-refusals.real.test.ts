import { describeReplay } from './testing/replay-bed.ts';

describeReplay('refusals', process.env, {
  'one that has never run': ({ play }) => play.replay('001-003'),

  async 'one without instances'({ emulator, play }) {
    await emulator.configure({ isOnline: false });
    await emulator.startDaemon();
    await play.replay('004-038', '283-286', '421-422', '441');
  },

  async 'launches that cannot be'({ emulator, play }) {
    await emulator.configure({ isNoisy: true, isOnline: false });
    await emulator.startDaemon();
    await play.replay('039-065');
    await emulator.configure({ isNoisy: false });
    await play.replay('406-407');
  },

  async 'a client of another home than the first'({ emulator, play }) {
    await emulator.startDaemon();
    await play.run('list');
    await play.replayWith({ env: { HOME: emulator.directory } }, '401-404');
    await play.run('list');
  },
});
