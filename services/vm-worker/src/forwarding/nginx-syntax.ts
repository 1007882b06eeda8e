/** A directive of a configuration file of nginx, with offsets into the text. */
export interface Directive {
  /** Its name and arguments, quotes and escapes resolved. */
  readonly words: readonly string[];
  readonly start: number;
  /** Undefined when it ends with a semicolon. */
  readonly block: DirectiveBlock | undefined;
}

/** What a directive holds between its braces. */
export interface DirectiveBlock {
  readonly directives: readonly Directive[];
  /** Offset of the closing brace. */
  readonly close: number;
}

interface Token {
  readonly kind: 'word' | '{' | '}' | ';';
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const SPACE = /\s/;

function isMark(character: string): character is '{' | '}' | ';' {
  return character === '{' || character === '}' || character === ';';
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "'": "'", '\\': '\\', t: '\t', r: '\r', n: '\n' };

/** What a backslash and the character after it stand for; with most characters it stands for itself. */
function unescape(pair: string): string {
  return ESCAPES[pair.charAt(1)] ?? pair;
}

/** A word that begins with a quote ends with the same quote. */
function quotedWord(text: string, start: number): Token {
  const quote = text.charAt(start);
  let value = '';
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === quote) return { kind: 'word', value, start, end: at + 1 };
    value += character === '\\' ? unescape(text.slice(at, at + 2)) : character;
    if (character === '\\') at += 1;
  }
  throw new SyntaxError(`a quote that opens at offset ${start} is not closed`);
}

/** Any other word ends at a space, `;` or `{`, but not at the brace of `${name}`; quotes and `#` inside it mean nothing. */
function plainWord(text: string, start: number): Token {
  let value = '';
  let at = start;
  for (; at < text.length; at += 1) {
    const character = text.charAt(at);
    const isVariableBrace = character === '{' && text.charAt(at - 1) === '$' && at > start;
    if (SPACE.test(character) || character === ';' || (character === '{' && !isVariableBrace)) break;
    value += character === '\\' ? unescape(text.slice(at, at + 2)) : character;
    if (character === '\\') at += 1;
  }
  return { kind: 'word', value, start, end: at };
}

function nextToken(text: string, from: number): Token | undefined {
  let at = from;
  while (at < text.length && (SPACE.test(text.charAt(at)) || text.charAt(at) === '#')) {
    if (text.charAt(at) !== '#') {
      at += 1;
      continue;
    }
    const end = text.indexOf('\n', at);
    at = end === -1 ? text.length : end + 1;
  }
  if (at >= text.length) return undefined;
  const character = text.charAt(at);
  if (isMark(character)) return { kind: character, value: character, start: at, end: at + 1 };
  return character === '"' || character === "'" ? quotedWord(text, at) : plainWord(text, at);
}

function parseBlock(text: string, from: number, isInner: boolean): { directives: Directive[]; close: number } {
  const directives: Directive[] = [];
  let words: Token[] = [];
  let at = from;
  for (let token = nextToken(text, at); token !== undefined; token = nextToken(text, at)) {
    at = token.end;
    if (token.kind === 'word') {
      words.push(token);
      continue;
    }
    const [first] = words;
    if (token.kind === '}') {
      if (first !== undefined || !isInner) throw new SyntaxError(`unexpected } at offset ${token.start}`);
      return { directives, close: token.start };
    }
    if (first === undefined) throw new SyntaxError(`unexpected ${token.kind} at offset ${token.start}`);
    const block = token.kind === '{' ? parseBlock(text, at, true) : undefined;
    if (block !== undefined) at = block.close + 1;
    directives.push({ words: words.map(({ value }) => value), start: first.start, block });
    words = [];
  }
  if (isInner || words.length > 0) throw new SyntaxError('unexpected end');
  return { directives, close: text.length };
}

/**
 * The directives of a configuration file, or of the several that `nginx -T` prints one after the other.
 *
 * @throws SyntaxError where braces, quotes or semicolons do not fit together.
 */
export function parseDirectives(text: string): readonly Directive[] {
  return parseBlock(text, 0, false).directives;
}

/** Whether a directive that fits stands anywhere in these, at whatever depth. */
export function someDirective(directives: readonly Directive[], fits: (words: readonly string[]) => boolean): boolean {
  return directives.some(
    ({ words, block }) => fits(words) || (block !== undefined && someDirective(block.directives, fits)),
  );
}

/** A value as one word of a configuration. A `$` keeps its meaning to nginx: there is no way to escape it. */
export function quoteWord(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
