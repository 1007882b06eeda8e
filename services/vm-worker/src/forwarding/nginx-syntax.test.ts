import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDirectives, quoteWord, someDirective } from './nginx-syntax.ts';

type Shape = readonly [string, ...string[]] | { readonly words: readonly string[]; readonly inside: readonly Shape[] };

const shapes = (directives: ReturnType<typeof parseDirectives>): unknown[] =>
  directives.map(({ words, block }) => (block === undefined ? words : { words, inside: shapes(block.directives) }));

describe('parseDirectives', () => {
  it.each<[string, string, readonly Shape[]]>([
    ['nothing', ' \n\t', []],
    [
      'simple directives',
      'user www-data;\npid /run/nginx.pid;',
      [
        ['user', 'www-data'],
        ['pid', '/run/nginx.pid'],
      ],
    ],
    ['blocks', 'a { b { c d; } } e;', [{ words: ['a'], inside: [{ words: ['b'], inside: [['c', 'd']] }] }, ['e']]],
    [
      'braces without spaces',
      'events{}stream{a b;}',
      [
        { words: ['events'], inside: [] },
        { words: ['stream'], inside: [['a', 'b']] },
      ],
    ],
    ['comments', '# stream { \na b; # }\n#', [['a', 'b']]],
    ['a # inside a word', 'return 302 /a#b;', [['return', '302', '/a#b']]],
    ['quotes', `a "x; { # y" 'it "is" so';`, [['a', 'x; { # y', 'it "is" so']]],
    ['escapes', String.raw`a "say \"}\"" b\;\d+\\;`, [['a', 'say "}"', String.raw`b\;\d+\\`.slice(0, -1)]]],
    ['a quote inside a word', `a b"c;`, [['a', 'b"c']]],
    ['a brace in the name of a variable', 'a x${b}c; d { }', [['a', 'x${b}c'], { words: ['d'], inside: [] }]],
    ['a closing brace in a pattern', 'location ~ a}b { }', [{ words: ['location', '~', 'a}b'], inside: [] }]],
  ])('reads %s', (_, text, expected) => {
    expect(shapes(parseDirectives(text))).toEqual(expected);
  });

  it.each([
    ['a brace too many', 'a { } }'],
    ['a brace too few', 'a { b;'],
    ['no semicolon', 'a b'],
    ['no semicolon before a brace', 'a { b }'],
    ['an open quote', 'a "b;'],
    ['a lone semicolon', ';'],
    ['a block without a name', '{ }'],
  ])('refuses %s', (_, text) => {
    expect(() => parseDirectives(text)).toThrow(SyntaxError);
  });

  it('finds directives at whatever depth', () => {
    const directives = parseDirectives('a { b { include x; } }');
    expect(someDirective(directives, ([name, value]) => name === 'include' && value === 'x')).toBe(true);
    expect(someDirective(directives, ([name]) => name === 'x')).toBe(false);
  });
});

describe('quoteWord', () => {
  it('makes one word of anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(parseDirectives(`a ${quoteWord(value)};`).map(({ words }) => words)).toEqual([['a', value]]);
      }),
    );
  });
});
