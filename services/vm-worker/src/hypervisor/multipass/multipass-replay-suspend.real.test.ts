import { describeReplay } from './testing/replay-bed.ts';

describeReplay('suspend', process.env, {
  async 'an instance that is suspended and resumed, then stopped and deleted'({ emulator, play, launch }) {
    await emulator.startDaemon();
    await launch('t1', { memory: '512M' });
    await play.run('stop', 't1');
    await play.run('snapshot', 't1');
    await play.run('start', 't1');
    await play.replay('288-299', '309-312');
  },
});
