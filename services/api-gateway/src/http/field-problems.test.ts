import { describe, expect, it } from '@jest/globals';
import { CreateVmRequest } from '@golem-provider/contracts';
import { z } from 'zod';
import { fieldProblems, jsonPointer } from './field-problems.ts';

describe('jsonPointer', () => {
  it.each([
    [[], ''],
    [['name'], '/name'],
    [['resources', 'cpu'], '/resources/cpu'],
    [['list', 0], '/list/0'],
    [['a/b', 'c~d', '~1'], '/a~1b/c~0d/~01'],
    [['', ' '], '// '],
  ])('writes %j as %j', (path, pointer) => {
    expect(jsonPointer(path)).toBe(pointer);
  });
});

describe('fieldProblems', () => {
  const problemsOf = (input: unknown): unknown => {
    const schema = z.object({ body: CreateVmRequest, query: z.object({ limit: z.coerce.number().min(1).optional() }) });
    const result = schema.safeParse(input);
    return fieldProblems(result.error?.issues ?? []);
  };

  it('has one entry for a field with several faults', () => {
    expect(problemsOf({ body: { name: '--' }, query: {} })).toEqual([
      {
        pointer: '/name',
        detail: expect.stringMatching(/at least 3 .*; must start and end .*; must not hold two hyphens/),
      },
    ]);
  });

  it('tells body and query apart', () => {
    expect(problemsOf({ body: {}, query: { limit: '0' } })).toEqual([
      { pointer: '/name', detail: 'is required' },
      { pointer: 'limit', detail: expect.stringContaining('1') },
    ]);
  });

  it('is bounded however much is wrong', () => {
    const body = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`${i}${'x'.repeat(1000)}`, 1]));

    expect(JSON.stringify(problemsOf({ body: { ...body, name: 'web' }, query: {} })).length).toBeLessThan(10_000);
  });
});
