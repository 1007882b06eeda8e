import { describeReplay } from './testing/replay-bed.ts';

describeReplay('lifecycle', process.env, {
  async 'an instance that runs, and is stopped'({ emulator, play }) {
    await emulator.configure({ isNoisy: true, isOnline: false });
    await emulator.startDaemon();
    await play.replay('066-130');
  },
});
