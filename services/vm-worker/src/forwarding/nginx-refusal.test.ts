import { describe, expect, it } from '@jest/globals';
import {
  parseRefusal,
  publicWords,
  refusalError,
  tellsOfFailedReload,
  tellsOfUpgradedProgram,
} from './nginx-refusal.ts';

const FAILED = 'nginx: configuration file /tmp/ng/n.conf test failed';

describe('a refusal of nginx', () => {
  it.each([
    [
      `2026/11/23 20:07:35 [emerg] 24787#24787: duplicate "0.0.0.0:50991" address and port pair in /tmp/ng/c/vm_b.conf:3\n${FAILED}\n`,
      'duplicate "0.0.0.0:50991" address and port pair in /tmp/ng/c/vm_b.conf:3',
      ['/tmp/ng/c/vm_b.conf'],
      'duplicate "0.0.0.0:50991" address and port pair',
    ],
    [
      `nginx: [emerg] unknown directive "strem" in /etc/nginx/nginx.conf:4\n${FAILED}`,
      'unknown directive "strem" in /etc/nginx/nginx.conf:4',
      ['/etc/nginx/nginx.conf'],
      'unknown directive "strem"',
    ],
    [
      'nginx: [alert] could not open error log file: open() "/var/log/nginx/error.log" failed (13: Permission denied)\n' +
        '2026/11/23 20:07:35 [emerg] 1#1: open() "/srv/a/ssh.log" failed (2: No such file or directory)\n',
      'open() "/srv/a/ssh.log" failed (2: No such file or directory)',
      [],
      'open() "(path)" failed (2: No such file or directory)',
    ],
    [
      'x [emerg] 1#1: bind() to 0.0.0.0:1 failed (98: Address already in use)\nx [notice] 1#1: try again\n'.repeat(2) +
        'x [emerg] 1#1: still could not bind()\n',
      'bind() to 0.0.0.0:1 failed (98: Address already in use); still could not bind()',
      [],
      'bind() to 0.0.0.0:1 failed (98: Address already in use); still could not bind()',
    ],
    ['Segmentation fault\n', 'Segmentation fault', [], 'Segmentation fault'],
    ['', 'no reason given', [], 'no reason given'],
  ])('is read from %j', (output, words, files, published) => {
    const refusal = parseRefusal(output);
    expect(refusal).toEqual({ words, files });
    expect(publicWords(refusal)).toBe(published);
  });

  it('becomes an error that tells the log everything and requestors no path', () => {
    const refusal = parseRefusal('nginx: [emerg] invalid host in upstream in /root/x/vm_a.conf:3');
    expect(refusalError('testing', refusal)).toMatchObject({
      code: 'PROXY_FAILED',
      message: 'testing: nginx says: invalid host in upstream in /root/x/vm_a.conf:3',
      publicDetail: 'nginx says: invalid host in upstream',
    });
  });
});

describe('tellsOfFailedReload', () => {
  it.each([
    ['', false],
    ['[notice] 1#1: reconfiguring\n[warn] 1#1: low', false],
    ['[emerg] 1#1: bind() to [::]:50800 failed (98: Address already in use)', false],
    ['[emerg] 1#1: bind() to 0.0.0.0:1 failed (98: x)\n[emerg] 1#1: still could not bind()', true],
    ['[emerg] 1#1: module "/m.so" version 1022001 instead of 1024000 in /n.conf:1', true],
  ])('of %j is %s', (log, expected) => {
    expect(tellsOfFailedReload(log)).toBe(expected);
  });
});

describe('tellsOfUpgradedProgram', () => {
  it.each([
    ['module "/m.so" version 1022001 instead of 1024000 in /n.conf:1', true],
    ['module "/m.so" is not binary compatible in /n.conf:1', true],
    ['duplicate "0.0.0.0:50800" address and port pair in /n.conf:1', false],
  ])('of %j is %s', (words, expected) => {
    expect(tellsOfUpgradedProgram({ words, files: [] })).toBe(expected);
  });
});
