import { describeReplay, FOR_EVER_MS } from './testing/replay-bed.ts';

describeReplay('clients', process.env, {
  async 'delayed shutdowns, clients that are killed, and what they leave'({ emulator, play, launch }) {
    await emulator.startDaemon();
    await launch('ta');
    await play.replay('388-396', '405');

    await emulator.configure({ prepareMs: FOR_EVER_MS, bootMs: FOR_EVER_MS });
    for (const [id, name] of [
      ['408', 'ti'],
      ['409', 'tj'],
    ] as const) {
      await play.replayKilled(id);
      await emulator.configure({ prepareMs: 0 });
      await play.untilState(name, 'Unknown');
      await emulator.configure({ prepareMs: FOR_EVER_MS });
    }
    await play.replay('410');
    await emulator.configure({ prepareMs: 0 });
    await play.replayKilled('411');
    await play.run('delete', '--purge', 'ti', 'tj', 'tk');

    const sleeping = play.begin(['exec', 'ta', '--', 'sh', '-c', 'echo begun; sleep 600']);
    await sleeping.untilSays('begun');
    await play.replay('412');
    sleeping.stop();
    await play.replayKilled('413');
    await play.replay('414-415');
    await play.replayKilled('416');
    await play.run('delete', '--purge', 'tq');
    await emulator.configure({ bootMs: 20 });
    await play.replay('417-420', '423');
  },

  async 'an instance that boots again: what cannot be done with it, and its end under the start'(scene) {
    const { emulator, play, launch } = scene;
    await emulator.startDaemon();
    await launch('v1');
    await play.run('stop', 'v1');
    await emulator.configure({ bootMs: FOR_EVER_MS });
    const starting = play.start('439');
    await play.untilState('v1', 'Starting');
    await play.replay('424-435');
    await play.replayKilled('436');
    await play.replay('437-438');
    await starting.compared();
    await play.replay('440');
  },
});
