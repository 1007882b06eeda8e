import { describeReplay, FOR_EVER_MS } from './testing/replay-bed.ts';

describeReplay('guests', process.env, {
  async 'a guest that is frozen: a login holds up everything, and what was asked is done when it thaws'(scene) {
    const { emulator, play, launch } = scene;
    await emulator.startDaemon();
    for (const name of ['tb', 'ta']) await launch(name);
    await play.run('stop', 'ta');
    await play.replay('353');
    await emulator.freezeGuest('tb');
    await emulator.configure({ sshTimeoutMs: 400 });
    await play.replay('354-357');
    for (const id of ['358', '359', '360']) await play.replayKilled(id);
    await emulator.thawGuest('tb');
    await play.untilAnswered('360');
    await play.replay('361');
  },

  async 'guests that are killed, go down by themselves, or boot for too long'({ emulator, play, launch }) {
    await emulator.startDaemon();
    await launch('ta');
    await play.run('stop', 'ta');
    await play.replay('362-363');
    await emulator.killGuest('ta');
    await play.untilState('ta', 'Stopped');
    await play.replay('364-365');

    await emulator.configure({ shutdownMs: FOR_EVER_MS });
    await play.replay('366-371');
    await emulator.killGuest('ta');
    await play.untilState('ta', 'Stopped');
    await play.replay('372-376');

    await emulator.configure({ shutdownMs: 20, bootMs: FOR_EVER_MS, waitSlackMs: FOR_EVER_MS });
    await play.replayWith({ timeoutSeconds: 1 }, '377');
    await play.replay('378-379');
    await emulator.configure({ waitSlackMs: 0 });
    await play.untilState('ta', 'Unknown');
    await emulator.configure({ bootMs: 0 });
    await play.replay('380-387');
  },
});
