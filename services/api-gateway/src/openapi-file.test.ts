import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { openApiDocument } from '@golem-provider/contracts';
import { softwareVersion } from '@golem-provider/service-kit';

describe('openapi.json', () => {
  it('is what the contract says; `npm run generate` writes it', () => {
    const committed = readFileSync(new URL('../openapi.json', import.meta.url), 'utf8');

    expect(committed).toBe(`${JSON.stringify(openApiDocument(softwareVersion()), null, 2)}\n`);
  });
});
