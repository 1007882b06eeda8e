import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { NotCovered } from './render.js';

const EXIT_NO_COMMAND = 2;

/**
 * @param {string} name
 * @returns {string}
 */
function helpText(name) {
  const file = fileURLToPath(new URL(`help/${name}.txt`, import.meta.url));
  if (!existsSync(file)) throw new NotCovered(`help about ${name}`);
  return readFileSync(file, 'utf8');
}

/** @type {import('./context.js').Command} */
export async function help([about = 'multipass'], { out }) {
  out.write(helpText(about));
  return 0;
}

/**
 * A call without a command.
 *
 * @type {import('./context.js').Command}
 */
export async function usage(_argv, { out }) {
  out.write(helpText('multipass'));
  return EXIT_NO_COMMAND;
}
