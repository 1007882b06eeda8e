import { describe, expect, it } from '@jest/globals';
import { API_ROUTES } from './api-routes.ts';
import { errorCodeEntry } from './error-codes.ts';
import { Job } from './operation.ts';
import { Problem } from './problem.ts';
import { CreateVmRequest } from './vm-request.ts';
import { Vm } from './vm.ts';
import { errorCodesOf, openApiDocument } from './openapi-document.ts';
import type { RouteContract } from './route-contract.ts';

const routes: [string, RouteContract][] = Object.entries(API_ROUTES);

describe('openApiDocument', () => {
  const document = openApiDocument('1.2.3');

  it.each(routes)('lists %s with each of its answers', (operationId, route) => {
    const operation = document.paths?.[route.path]?.[route.method];
    const statuses = [
      ...Object.keys(route.responses),
      ...errorCodesOf(route).map((code) => String(errorCodeEntry(code).status)),
    ];

    expect(operation?.operationId).toBe(operationId);
    expect(Object.keys(operation?.responses ?? {}).sort()).toEqual([...new Set(statuses)].sort());
  });

  it('says the version it was asked for', () => {
    expect(document.info.version).toBe('1.2.3');
  });

  it.each([
    ['CreateVmRequest', CreateVmRequest],
    ['Vm', Vm],
    ['Job', Job],
    ['Problem', Problem.strict()],
  ])('shows a whole example of %s, which is one', (name, schema) => {
    const shown = document.components?.schemas?.[name];
    const example: unknown = shown !== undefined && 'example' in shown ? shown.example : undefined;
    expect(example).toBeDefined();
    expect(schema.parse(example)).toEqual(example);
  });

  it('names every shared schema once', () => {
    expect(Object.keys(document.components?.schemas ?? {})).toEqual(
      expect.arrayContaining(['Vm', 'CreateVmRequest', 'Job', 'Problem', 'ProviderInfo', 'ProviderResources']),
    );
  });
});
