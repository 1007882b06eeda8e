import { describe, expect, it } from '@jest/globals';
import { createListenerLimit } from './listener-limit.ts';

describe('createListenerLimit', () => {
  it('holds each client to its number, and gives a place back once', () => {
    const limit = createListenerLimit(2);
    const leave = limit.enter('a');
    limit.enter('a');

    expect(() => limit.enter('a')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
    limit.enter('b');
    leave();
    leave();
    limit.enter('a');
    expect(() => limit.enter('a')).toThrow();
  });

  it('holds all clients together to a number', () => {
    const limit = createListenerLimit(10, 2);
    const leave = limit.enter('a');
    limit.enter('b');

    expect(() => limit.enter('c')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
    leave();
    expect(() => limit.enter('c')).not.toThrow();
  });
});
