import { describe, expect, it } from '@jest/globals';
import { callDiscovery, differenceFrom, DISCOVERY_CONTRACT } from '@golem-provider/testing';
import { startDiscoveryStub } from './discovery-stub.ts';

const CASES = DISCOVERY_CONTRACT.filter(
  ({ request }) => request.method !== 'GET' || !/advertisements(\?|$)/.test(request.path),
).flatMap((item) =>
  item.generations.map((generation) => ({ ...item, generation, title: `${item.name} (${generation})` })),
);

describe('the discovery service of the tests, which can fail', () => {
  it.each(CASES)('$title', async ({ generation, before = [], request, status, body }) => {
    const stub = await startDiscoveryStub(generation);
    try {
      for (const earlier of before) expect((await callDiscovery(stub.url, earlier)).status).toBe(200);
      const reply = await callDiscovery(stub.url, request);
      expect(reply.status).toBe(status);
      // Its words about invalid fields are its own.
      if (status !== 422) expect(differenceFrom(body, reply.body)).toBeUndefined();
    } finally {
      await stub.stop();
    }
  });
});
