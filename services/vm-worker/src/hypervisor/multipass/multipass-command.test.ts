import { VmId } from '@golem-provider/contracts';
import { describe, expect, it } from '@jest/globals';
import { multipassCommands } from './multipass-command.ts';

const id = VmId.parse('golem-web-20260101-120000');
const commands = multipassCommands('/snap/bin/multipass', { queryMs: 1000, actionMs: 9000, graceMs: 30_000 });

describe('the command line', () => {
  it.each([
    [commands.version(), 'version --format json', 1000],
    [commands.listStates(), 'list --format json --no-ipv4', 1000],
    [commands.info([id]), `info ${id} --format json`, 1000],
    [commands.powerOffGuest(id), `exec -n ${id} -- sudo poweroff`, 1000],
    [commands.start(id, 60_000), `start ${id} --timeout 60`, 90_000],
    [commands.stopForced(id), `stop --force ${id}`, 9000],
    [commands.stop(id), `stop ${id}`, 9000],
    [commands.recover(id), `recover ${id}`, 9000],
    [commands.getProperty(id, 'memory'), `get local.${id}.memory`, 1000],
    [commands.setProperty(id, 'disk', '20G'), `set local.${id}.disk=20G`, 9000],
    [commands.deleteForGood([id, id]), `delete --purge ${id} ${id}`, 9000],
    [commands.probeName(id), `launch file:///nonexistent/golem-provider-name-probe.img --name ${id}`, 9000],
  ])('%#: is what Multipass understands', (command, words, timeoutMs) => {
    expect(command).toEqual({ program: '/snap/bin/multipass', args: words.split(' '), timeoutMs });
  });

  it('of a launch holds the sizes, its user-data travels by standard input, and our deadline is the later one', () => {
    const order = {
      id,
      spec: { cpu_cores: 2, memory_gb: 4, storage_gb: 20 },
      launchName: '24.04',
      userData: '#cloud-config\nsecret: yes\n',
      waitMs: 1500,
    };
    const words = `launch 24.04 --name ${id} --cpus 2 --memory 4G --disk 20G --timeout 2 --cloud-init -`;
    expect(commands.launch(order)).toEqual({
      program: '/snap/bin/multipass',
      args: words.split(' '),
      input: order.userData,
      timeoutMs: 31_500,
    });
  });
});
