import { describeReplay, FOR_EVER_MS } from './testing/replay-bed.ts';

describeReplay('races', process.env, {
  async 'two launches at once: an instance that is prepared is not there, but its name is taken'({ emulator, play }) {
    await emulator.configure({ prepareMs: FOR_EVER_MS });
    await emulator.startDaemon();
    const other = play.start('316');
    const launching = play.start('317');
    await launching.untilSays('Preparing image for ta');
    await play.replay('313-315');
    await emulator.configure({ prepareMs: 0 });
    await launching.compared();
    await other.compared();
    await play.replay('318');
  },

  async 'launches that go on without their clients, or whose instances go'({ emulator, play, launch }) {
    await emulator.startDaemon();
    for (const name of ['t1', 'tb', 'ta']) await launch(name);
    await play.run('delete', 't1');
    await play.run('stop', 'ta');

    await emulator.configure({ prepareMs: FOR_EVER_MS, bootMs: FOR_EVER_MS });
    await play.replayKilled('319');
    await play.replay('320-321');
    await emulator.configure({ prepareMs: 0 });
    await play.untilState('td', 'Unknown');
    await play.replay('322-324');

    const removed = play.start('327');
    await play.untilState('te', 'Unknown');
    await play.replay('325-326');
    await removed.compared();
    await play.replay('328');

    const cut = play.start('330');
    await play.untilState('tf', 'Unknown');
    await play.replay('329');
    await cut.compared();
    await play.replay('331-338');

    await play.replay('339-352');
  },
});
