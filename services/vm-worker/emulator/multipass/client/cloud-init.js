import { existsSync, readFileSync } from 'node:fs';
import { isNode, isScalar, parseDocument, Scalar, visit } from 'yaml';
import { UsageError } from './arguments.js';

/**
 * @param {string} text
 * @param {number} offset
 * @returns {string}
 */
function position(text, offset) {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}

/**
 * Reads a cloud-init file and writes it again as the client does before it sends it: without comments, and without the
 * quotes of texts, which may change their types. Only texts with a colon and those that would become null keep them.
 *
 * @param {string} file `-` for standard input.
 * @returns {string}
 */
export function loadCloudInit(file) {
  const refuse = (/** @type {string} */ reason) =>
    new UsageError(`Could not load cloud-init configuration: ${reason}\n`);
  if (file !== '-' && !existsSync(file)) throw refuse(`bad file: ${file}\nPlease ensure that Multipass can read it.`);
  const text = readFileSync(file === '-' ? 0 : file, 'utf8');
  const document = parseDocument(text, { schema: 'failsafe' });
  const [error] = document.errors;
  if (error !== undefined) {
    const isOpenList = /flow collection|flow sequence/i.test(error.message);
    const where = position(text, isOpenList ? text.length : error.pos[0]);
    const what = isOpenList ? 'end of sequence flow not found' : error.message.split('\n')[0];
    throw refuse(`yaml-cpp: error at ${where}: ${what}`);
  }
  if (document.contents === null) return '';
  document.comment = null;
  document.commentBefore = null;
  visit(document, (_, node) => {
    if (isNode(node)) Object.assign(node, { comment: null, commentBefore: null });
    if (!isScalar(node)) return;
    const value = String(node.value);
    const isQuoted = node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE;
    if (isQuoted && !/[:\n]/.test(value) && !['', '~', 'null'].includes(value)) node.type = Scalar.PLAIN;
    // A null, which is written so.
    if (node.type === Scalar.PLAIN && value === '') node.value = '~';
  });
  return document.toString({ lineWidth: 0 });
}
