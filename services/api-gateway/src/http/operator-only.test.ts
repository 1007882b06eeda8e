import { describe, expect, it } from '@jest/globals';
import { isLoopback } from './client-address.ts';
import { isLoopbackHost, isOwnOrigin } from './operator-only.ts';
import { chooseRequestId } from './request-id.ts';

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

describe('isOwnOrigin', () => {
  it.each([
    [undefined, 'localhost:7466', true],
    ['http://localhost:7466', 'localhost:7466', true],
    ['http://LOCALHOST:7466', 'localhost:7466', true],
    ['https://example.org', 'localhost:7466', false],
    ['http://localhost:3000', 'localhost:7466', false],
    ['null', 'localhost:7466', false],
    ['http://undefined', undefined, false],
  ])('%s for %s: %s', (origin, host, expected) => {
    expect(isOwnOrigin(origin, host)).toBe(expected);
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
