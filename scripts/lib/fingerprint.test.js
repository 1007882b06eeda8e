import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { contentFingerprint, isStamped, stamp, treeFingerprint } from './fingerprint.js';

describe('fingerprints', () => {
  /** @type {string} */
  let root;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'gp-'));
    mkdirSync(join(root, 'src'));
    writeFileSync(join(root, 'src/a.ts'), 'a');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const tree = () => treeFingerprint(root, ['src']);
  const content = () => contentFingerprint(root, ['src/a.ts', 'missing']);

  it('stay the same while nothing changes', () => {
    expect([tree(), content()]).toEqual([tree(), content()]);
  });

  it.each([
    ['a new file', () => writeFileSync(join(root, 'src/b.ts'), '')],
    ['a removed file', () => rmSync(join(root, 'src/a.ts'))],
    ['another size', () => writeFileSync(join(root, 'src/a.ts'), 'ab')],
    ['another time', () => utimesSync(join(root, 'src/a.ts'), 1, 1)],
  ])('of a tree show %s', (_name, change) => {
    const before = tree();
    change();

    expect(tree()).not.toBe(before);
  });

  it('of contents show a change, and a file that appears', () => {
    const before = content();
    writeFileSync(join(root, 'src/a.ts'), 'b');
    const changed = content();
    writeFileSync(join(root, 'missing'), '');

    expect(new Set([before, changed, content()]).size).toBe(3);
  });

  it('count as reached only once they are stamped', () => {
    const file = join(root, '.cache/build');
    expect(isStamped(file, 'x')).toBe(false);
    stamp(file, 'x');

    expect(isStamped(file, 'x')).toBe(true);
    expect(isStamped(file, 'y')).toBe(false);
  });
});
