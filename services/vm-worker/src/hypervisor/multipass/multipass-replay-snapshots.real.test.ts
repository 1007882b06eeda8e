import { describeReplay } from './testing/replay-bed.ts';

describeReplay('snapshots', process.env, {
  async 'settings, snapshots and clones of an instance that is off'({ emulator, play, launch }) {
    await emulator.startDaemon();
    await launch('t1', { memory: '512M', file: 'debian12.qcow2' });
    await play.run('stop', 't1');
    await play.replay('131-189');
    await emulator.configure({ isNoisy: true });
    await play.replay('190-200');
  },
});
