import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { expect } from '@jest/globals';
import { describeReplay, FOR_EVER_MS, type ReplayScene } from './testing/replay-bed.ts';

const makeT1 = async ({ emulator, play, launch }: ReplayScene): Promise<void> => {
  await emulator.startDaemon();
  await launch('t1', { memory: '512M' });
  await play.run('stop', 't1');
  await play.run('snapshot', 't1');
};

describeReplay('outage', process.env, {
  async 'a daemon that crashes, is not there, and boots again what ran'(scene) {
    const { emulator, play } = scene;
    await makeT1(scene);
    await emulator.configure({ bootMs: FOR_EVER_MS });
    const starting = play.start('201');
    await play.untilState('t1', 'Starting');
    await starting.untilSays('Starting t1');
    await emulator.killDaemon();
    await starting.compared();
    await play.replay('202-222');
    await rm(join(emulator.directory, 'multipass_socket'));
    await play.replay('223-228', '230-232');
    expect(await emulator.guestProcesses()).not.toEqual([]);
    await emulator.startDaemon();
    await play.replay('233-236');
  },

  async 'a server that takes connections and says nothing'({ emulator, play }) {
    await emulator.startDaemon();
    const path = join(emulator.directory, 'deaf_socket');
    const server = createServer().listen(path);
    await once(server, 'listening');
    await play.replayKilled('229', { env: { MULTIPASS_SERVER_ADDRESS: `unix:${path}` }, isDaemonDeaf: true });
    server.close();
  },

  async 'a daemon that is wedged for ever'(scene) {
    const { emulator, play } = scene;
    await makeT1(scene);
    await play.run('start', 't1');
    // Not the daemon ends the wait, but the client.
    await emulator.configure({ bootMs: FOR_EVER_MS, waitSlackMs: FOR_EVER_MS });
    const restart = play.start('300', { timeoutSeconds: 2 });
    await play.untilState('t1', 'Restarting');
    emulator.freezeDaemon();
    await restart.compared();
    for (const id of ['301', '302', '303', '304']) await play.replayKilled(id, { isDaemonDeaf: true });
    const hung = play.start('305');
    emulator.askDaemonToStop();
    await play.replayKilled('301', { isDaemonDeaf: true });
    expect(emulator.isDaemonAlive()).toBe(true);
    await emulator.killDaemon();
    await hung.compared();
    await play.replay('306');
    await emulator.startDaemon();
    await play.replay('307-308');
  },

  async 'a daemon that is stopped: it suspends what runs, and resumes it at its start'({ emulator, play, launch }) {
    await emulator.startDaemon();
    await launch('ta');
    await play.run('exec', 'ta', '--', 'sh', '-c', 'sleep 1000 >/dev/null 2>&1 </dev/null & echo $! >pid');
    await emulator.configure({ resumeMs: FOR_EVER_MS });
    await emulator.stopDaemon();
    await play.replay('397');
    await emulator.startDaemon();
    await play.replay('398');
    await emulator.configure({ resumeMs: 0 });
    await play.untilState('ta', 'Running');
    await play.replay('399-400');
    // What it was doing goes on.
    await play.run('exec', 'ta', '--', 'sh', '-c', 'kill -0 $(cat pid)');
  },
});
