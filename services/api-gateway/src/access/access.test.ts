import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { API_ROUTES, OperationId, OwnerId, type RouteAccess, type RouteContract } from '@golem-provider/contracts';
import { chooseRequestId } from '../http/request-id.ts';
import { judgeAccess } from './authorize.ts';
import type { Principal } from './caller.ts';
import { clientKey, isLoopback, trustProxies } from './client-address.ts';
import { isCrossSite, isHostItself, isLoopbackHost } from './host-itself.ts';
import { createOwnerTokens } from './owner-tokens.ts';
import { subjectOf } from './ownership.ts';
import { socketUid } from './peer-uid.ts';
import { createSecretSet } from './secrets.ts';

function requestFrom(peer: string, headers: Record<string, string> = {}): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: peer });
  const request = new IncomingMessage(socket);
  Object.assign(request.headers, headers);
  return request;
}

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.3.2.1', true],
    ['::1', true],
    ['10.0.0.1', false],
    ['128.0.0.1', false],
    ['127.0.0.1.example.org', false],
    ['', false],
  ])('%s: %s', (address, expected) => {
    expect(isLoopback(address)).toBe(expected);
  });
});

describe('isLoopbackHost', () => {
  it.each([
    ['localhost', true],
    ['LOCALHOST:7466', true],
    ['127.0.0.1:7466', true],
    ['[::1]:7466', true],
    ['provider.example.org', false],
    ['localhost.example.org:7466', false],
    [undefined, false],
  ])('%s: %s', (host, expected) => {
    expect(isLoopbackHost(host)).toBe(expected);
  });
});

describe('isCrossSite', () => {
  it.each([
    [{}, false],
    [{ origin: 'http://localhost:7466', host: 'localhost:7466' }, false],
    [{ origin: 'http://LOCALHOST:7466', host: 'localhost:7466' }, false],
    [{ origin: 'http://localhost:3000', host: 'localhost:7466' }, true],
    [{ origin: 'http://undefined' }, true],
    [{ 'sec-fetch-site': 'same-origin' }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ origin: 'https://evil.example' }, true],
    [{ origin: 'null' }, true],
    [{ 'sec-fetch-site': 'cross-site' }, true],
    [{ 'sec-fetch-site': 'same-site' }, true],
  ])('%j: %s', (headers, expected) => {
    expect(isCrossSite(headers)).toBe(expected);
  });
});

describe('trustProxies', () => {
  it.each<[string, string[], string, Record<string, string>, string, boolean]>([
    ['believes nobody by default', [], '198.51.100.1', { 'x-forwarded-for': '1.2.3.4' }, '198.51.100.1', true],
    ['takes the peer for the client', [], '::ffff:198.51.100.1', {}, '198.51.100.1', false],
    ['believes a proxy of the list', ['10.0.0.0/8'], '10.1.1.1', { 'x-forwarded-for': '1.2.3.4' }, '1.2.3.4', true],
    ['believes no other', ['10.0.0.0/8'], '11.1.1.1', { 'x-forwarded-for': '1.2.3.4' }, '11.1.1.1', true],
    [
      'goes back to the first that is not',
      ['10.0.0.1', '10.0.0.2'],
      '10.0.0.1',
      { 'x-forwarded-for': '127.0.0.1, 1.2.3.4, 10.0.0.2' },
      '1.2.3.4',
      true,
    ],
    [
      'believes one by IPv6',
      ['2001:db8::/32'],
      '2001:db8::1',
      { 'x-forwarded-for': '2001:db9::7' },
      '2001:db9::7',
      true,
    ],
    [
      'keeps to the peer where it is told rubbish',
      ['10.0.0.1'],
      '10.0.0.1',
      { 'x-forwarded-for': 'me' },
      '10.0.0.1',
      true,
    ],
    ['takes what a proxy sends for forwarded, whatever it says', ['127.0.0.1'], '127.0.0.1', {}, '127.0.0.1', true],
  ])('%s', (_, proxies, peer, headers, client, isForwarded) => {
    expect(trustProxies(proxies)(requestFrom(peer, headers))).toMatchObject({ client, isForwarded });
  });
});

describe('isHostItself', () => {
  const headers = { host: 'localhost:7466' };

  it.each([
    ['a program of this machine', '127.0.0.1', headers, true],
    ['one by IPv6', '::1', { host: '[::1]:7466' }, true],
    ['another machine', '192.0.2.1', headers, false],
    ['a proxy', '127.0.0.1', { ...headers, 'x-forwarded-for': '127.0.0.1' }, false],
    ['a proxy by the standard', '127.0.0.1', { ...headers, forwarded: 'for=127.0.0.1' }, false],
    ['a page of another name', '127.0.0.1', { host: 'evil.example' }, false],
    ['a page of another site', '127.0.0.1', { ...headers, origin: 'https://evil.example' }, false],
  ])('%s', (_, peer, sent, expected) => {
    const request = requestFrom(peer, sent);
    expect(isHostItself(trustProxies([])(request), request.headers)).toBe(expected);
  });
});

describe('clientKey', () => {
  it('counts the addresses of one IPv6 network together', () => {
    expect(clientKey('2001:db8::1')).toBe(clientKey('2001:db8::2'));
    expect(clientKey('192.0.2.1')).not.toBe(clientKey('192.0.2.2'));
  });
});

describe('socketUid', () => {
  const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1D2A 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 0100007F:1D2A 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 2 1
   2: 0100007F:C001 0100007F:1D2A 01 00000000:00000000 00:00000000 00000000 1900000007        0 3 1`;
  const tcp6 = `  sl  local_address                         remote_address
   0: 00000000000000000000000001000000:C001 00000000000000000000000001000000:1D2A 01 00000000:00000000 00:00000000 00000000  1000        0 3 1`;

  it('finds whose end of a connection it is', () => {
    expect(socketUid(tcp, ['127.0.0.1', 0xc001], ['127.0.0.1', 0x1d2a])).toBe(1_900_000_007);
    expect(socketUid(tcp, ['127.0.0.1', 0x1d2a], ['127.0.0.1', 0xc001])).toBe(0);
    expect(socketUid(tcp6, ['::1', 0xc001], ['::1', 0x1d2a])).toBe(1000);
    expect(socketUid(tcp, ['127.0.0.1', 1], ['127.0.0.1', 2])).toBeUndefined();
    expect(socketUid('', ['127.0.0.1', 1], ['127.0.0.1', 2])).toBeUndefined();
  });
});

describe('owner tokens', () => {
  const operation = OperationId.parse('op-4b3f1d8e-0c8e-4f3e-9b0e-2f7d5a1c9e10');
  const tokens = createOwnerTokens(Buffer.alloc(32, 1));
  const token = tokens.issue(operation);

  it('are the same for an operation, and name one owner', () => {
    expect(tokens.issue(operation)).toBe(token);
    expect(token).toMatch(/^gpo_[0-9a-f-]{36}\.[\w-]{43}$/);
    expect(tokens.ownerOf(token)).toBe(tokens.ownerOf(token));
    expect(OwnerId.safeParse(tokens.ownerOf(token)).success).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['another text', 'gpo_x.y'],
    ['another operation with its code', token.replace('4b3f', '4b3e')],
    ['a changed code', `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`],
    ['one more letter', `${token}A`],
    ['the token of another provider', createOwnerTokens(Buffer.alloc(32, 2)).issue(operation)],
  ])('are not %s', (_, text) => {
    expect(tokens.ownerOf(text)).toBeUndefined();
  });
});

describe('createSecretSet', () => {
  it('knows its secrets and tells them apart', () => {
    const set = createSecretSet(['first', 'second']);
    expect(set.match('first')).toMatch(/^[0-9a-f]{64}$/);
    expect(set.match('first')).not.toBe(set.match('second'));
    expect(set.match('third')).toBeUndefined();
    expect(createSecretSet([]).match('')).toBeUndefined();
  });
});

describe('judgeAccess', () => {
  const owner: Principal = { kind: 'owner', owner: OwnerId.parse('a'.repeat(64)) };
  const creator: Principal = { kind: 'creator', key: 'b' };
  const nobody: Principal = { kind: 'anonymous', hasWrongToken: false };
  const liar: Principal = { kind: 'anonymous', hasWrongToken: true };
  const operator: Principal = { kind: 'operator' };
  const host = { mode: 'host', needsApiKey: false } as const;
  const keyed = { mode: 'host', needsApiKey: true } as const;
  const open = { mode: 'open', needsApiKey: false } as const;
  const token = { mode: 'token', needsApiKey: true } as const;

  it.each<[RouteAccess, typeof host | typeof keyed | typeof open | typeof token, string[]]>([
    //                    operator  owner     creator   nobody          wrong token
    ['public', token, ['allow', 'allow', 'allow', 'allow', 'allow']],
    ['owner', host, ['allow', 'allow', 'forbid', 'authenticate', 'authenticate']],
    ['owner', token, ['allow', 'allow', 'forbid', 'authenticate', 'authenticate']],
    ['owner', open, ['allow', 'allow', 'allow', 'allow', 'allow']],
    ['creator', host, ['allow', 'allow', 'allow', 'allow', 'authenticate']],
    ['creator', keyed, ['allow', 'forbid', 'allow', 'authenticate', 'authenticate']],
    ['creator', token, ['allow', 'forbid', 'allow', 'authenticate', 'authenticate']],
    ['creator', open, ['allow', 'allow', 'allow', 'allow', 'allow']],
    ['operator', host, ['allow', 'forbid', 'forbid', 'authenticate', 'authenticate']],
    ['operator', open, ['allow', 'forbid', 'forbid', 'authenticate', 'authenticate']],
    ['operator', token, ['allow', 'forbid', 'forbid', 'authenticate', 'authenticate']],
  ])('%s routes by %j', (access, rules, verdicts) => {
    expect([operator, owner, creator, nobody, liar].map((who) => judgeAccess(access, who, rules))).toEqual(verdicts);
  });
});

describe('the routes', () => {
  const routes: [string, RouteContract][] = Object.entries(API_ROUTES);
  const owned = routes.filter(([, { access }]) => access === 'owner');

  it('tell whose each of those is that are for owners; a list is known to be one', () => {
    const lists = owned.filter(([, route]) => subjectOf(route) === 'each').map(([name]) => name);
    expect(lists).toEqual(['listVms', 'listJobs', 'streamEvents']);
  });

  it('are public only where nothing of a VM can be seen', () => {
    const isPublic = routes.filter(([, { access }]) => access === 'public').map(([name]) => name);
    expect(isPublic).toEqual([
      'getProviderInfo',
      'getProviderResources',
      'getProviderHistory',
      'getHealth',
      'getReadiness',
    ]);
  });

  it('are not served where nobody could say whose they are', () => {
    expect(() => subjectOf({ ...API_ROUTES.getVm, path: '/snapshots/{id}' })).toThrow(/nobody knows/);
  });
});

describe('chooseRequestId', () => {
  it.each([
    ['abc-123', 'abc-123'],
    ['a'.repeat(128), 'a'.repeat(128)],
    ['a'.repeat(129), 'made'],
    ['', 'made'],
    ['a b', 'made'],
    ['a\nb', 'made'],
    [['a', 'b'], 'made'],
    [undefined, 'made'],
  ])('takes %j as %j', (given, expected) => {
    expect(chooseRequestId(given, () => 'made')).toBe(expected);
  });
});
