import { describe, expect, it } from '@jest/globals';
import { createLogger } from '@golem-provider/service-kit';
import { CommandFailure, type CommandRunner, type CommandSpec } from '../../exec/command-runner.ts';
import { createGuestNetworkRules, removeGuestNetworkRules, renderRules, tableName } from './guest-network.ts';

const logger = createLogger({ name: 'test', level: 'silent', pretty: false });
const signal = new AbortController().signal;
const notStarted = (): never => {
  throw new CommandFailure('not_started', 'no such program', undefined);
};

function recorded(
  answer: (command: CommandSpec) => number,
  stderr = 'Operation not permitted',
): { run: CommandRunner; commands: CommandSpec[] } {
  const commands: CommandSpec[] = [];
  const run: CommandRunner = (command) =>
    new Promise((resolve) => {
      commands.push(command);
      resolve({ exitCode: answer(command), stdout: '', stderr });
    });
  return { run, commands };
}

describe('renderRules', () => {
  const rules = renderRules('golem_provider_0123abcd');

  it('replaces the table in one transaction', () => {
    expect(rules.split('\n').slice(0, 3)).toEqual([
      'add table inet golem_provider_0123abcd',
      'delete table inet golem_provider_0123abcd',
      'table inet golem_provider_0123abcd {',
    ]);
  });
  it('concerns the users of machines and nobody else', () => {
    const output = /chain output \{([^}]*)\}/
      .exec(rules)?.[1]
      ?.trim()
      .split('\n')
      .map((line) => line.trim());
    expect(output).toEqual([
      'type filter hook output priority filter; policy accept;',
      'meta skuid 1900000000-1999999999 jump guests',
    ]);
  });
  it.each([
    '10.0.0.0/8',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '192.168.0.0/16',
    '100.64.0.0/10',
    'fc00::/7',
    'fe80::/10',
    '::/8',
  ])('closes %s', (range) => {
    expect(rules).toContain(range);
  });
  it('closes every address of the host, whatever it is', () => {
    expect(rules).toContain('fib daddr type { local, broadcast, anycast, multicast } reject');
  });
});

describe('tableName', () => {
  it('is one for each data directory', () => {
    expect(tableName('/a')).toMatch(/^golem_provider_[0-9a-f]{8}$/);
    expect(tableName('/a')).not.toBe(tableName('/b'));
  });
});

describe('createGuestNetworkRules', () => {
  const rulesOver = (run: CommandRunner, setting: 'auto' | 'isolated' = 'auto') =>
    createGuestNetworkRules({ run, logger, setting, dataDirectory: '/data' });

  it('opens the internet only once nft has taken the rules', async () => {
    const { run, commands } = recorded(() => 0);
    expect(await rulesOver(run).ensure(signal)).toBe('internet');
    expect(commands).toMatchObject([{ program: 'nft', args: ['-f', '-'], input: renderRules(tableName('/data')) }]);
  });
  it('asks nothing where the operator wants no network', async () => {
    const { run, commands } = recorded(() => 0);
    expect(await rulesOver(run, 'isolated').ensure(signal)).toBe('isolated');
    expect(commands).toEqual([]);
  });
  it('isolates where nft refuses', async () => {
    expect(await rulesOver(recorded(() => 1).run).ensure(signal)).toBe('isolated');
  });
  it('isolates where nft is not installed', async () => {
    expect(await rulesOver(recorded(notStarted).run).ensure(signal)).toBe('isolated');
  });
  it('finds an nft outside the search path', async () => {
    const { run } = recorded(({ program }) => (program === '/usr/sbin/nft' ? 0 : notStarted()));
    expect(await rulesOver(run).ensure(signal)).toBe('internet');
  });
});

describe('removeGuestNetworkRules', () => {
  it('says so when nft refuses', async () => {
    await expect(removeGuestNetworkRules(recorded(() => 1, 'syntax error').run, '/data', signal)).rejects.toMatchObject(
      {
        code: 'HYPERVISOR_FAILED',
      },
    );
  });
  it('has nothing to do for a user who could not have set any', async () => {
    await removeGuestNetworkRules(recorded(() => 1).run, '/data', signal);
  });
  it('has nothing to do where there is no nft', async () => {
    await removeGuestNetworkRules(recorded(notStarted).run, '/data', signal);
  });
});
