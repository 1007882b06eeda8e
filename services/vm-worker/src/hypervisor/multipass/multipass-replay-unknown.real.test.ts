import { describeReplay, FOR_EVER_MS } from './testing/replay-bed.ts';

describeReplay('unknown', process.env, {
  async 'an instance whose launch took too long: its state stays unknown until it is deleted'(scene) {
    const { emulator, play, launch } = scene;
    await emulator.startDaemon();
    await launch('t1', { memory: '512M' });
    await play.run('stop', 't1');
    await play.run('snapshot', 't1');
    await emulator.configure({ bootMs: FOR_EVER_MS, lookupMs: FOR_EVER_MS });
    const started = play.begin(['start', 't1']);
    await play.untilState('t1', 'Starting');
    const launching = play.start('237', { timeoutSeconds: 1 });
    await launching.compared();
    await play.replay('238-244');

    await emulator.configure({ bootMs: 0 });
    await started.ended;
    await emulator.configure({ bootMs: FOR_EVER_MS, lookupMs: 0 });
    await play.untilState('t2', 'Unknown');
    await play.replay('245-252');
    await emulator.configure({ shutdownLimitMs: FOR_EVER_MS });
    await play.replayKilled('253');
    const blocked = play.start('254');
    await play.untilReceived('254');
    await emulator.configure({ shutdownLimitMs: 0 });
    await blocked.compared();

    await play.untilAnswered('237', { timeoutSeconds: 1 });
    await emulator.configure({ bootMs: 0 });
    await play.replay('255-282', '287');
  },
});
