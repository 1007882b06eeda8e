import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { API_ROUTES, type RouteAccess } from '@golem-provider/contracts';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '../..');
const PAGES = [
  'README.md',
  'packages/client/README.md',
  ...['docs', 'docs/adr'].flatMap((directory) =>
    readdirSync(join(ROOT, directory))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${directory}/${name}`),
  ),
];
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');
/** What a pattern's first group matches in a text. */
const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = '']) => found);

describe.each(PAGES)('%s', (page) => {
  it('links to files that are there', () => {
    const links = all(textOf(page), /\]\(([^)#\s]+)/g).filter((link) => !link.startsWith('http'));
    expect(links.filter((link) => !existsSync(resolve(ROOT, dirname(page), link)))).toEqual([]);
  });
  it('names scripts that are there', () => {
    expect(all(textOf(page), /npm run (?:--\S+ )?([a-z0-9:]+)/g).filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('docs/security.md', () => {
  const routesOf = (access: RouteAccess): string[] =>
    Object.values(API_ROUTES)
      .filter((route) => route.access === access)
      .map(({ path }) => path)
      .sort();
  /** The paths in the item of the list that begins so. */
  const pathsAfter = (beginning: string): string[] => {
    const [item = ''] = (textOf('docs/security.md').split(beginning)[1] ?? '').split(/\n\n|\n- /);
    return all(item, /`(?:POST )?(\/[^`]+)`/g);
  };
  // Not routes of the contract, as they have no prefix.
  const PAGES_OF_THE_OPERATOR = ['/admin/queues', '/metrics'];

  it('lists all that is for the operator alone', () => {
    expect(pathsAfter("- **The operator's routes**").sort()).toEqual(
      [...PAGES_OF_THE_OPERATOR, ...routesOf('operator')].sort(),
    );
  });
  it('lists all that is public', () => {
    expect(pathsAfter('- **Public**').sort()).toEqual(routesOf('public'));
  });
});
