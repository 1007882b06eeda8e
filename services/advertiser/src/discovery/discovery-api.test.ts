import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';

it('has the types that discovery.openapi.json gives (npm run generate:discovery-api)', async () => {
  const nodes = await openapiTS(new URL('../../discovery.openapi.json', import.meta.url));
  const committed = await readFile(fileURLToPath(new URL('discovery-api.d.ts', import.meta.url)), 'utf8');
  expect(`${COMMENT_HEADER}${astToString(nodes)}`).toBe(committed);
});
