/**
 * A value in the form that Qt gives JSON: keys in order, four blanks, and empty lists and objects over two lines.
 *
 * @param {unknown} value
 * @param {string} [indent]
 * @returns {string}
 */
export function qtJson(value, indent = '') {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}    `;
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  const items = Array.isArray(value)
    ? value.map((item) => `${inner}${qtJson(item, inner)}`)
    : Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, item]) => `${inner}${JSON.stringify(key)}: ${qtJson(item, inner)}`);
  return [open, ...(items.length === 0 ? [] : [items.join(',\n')]), `${indent}${close}`].join('\n');
}
