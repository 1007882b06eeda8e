import { basename, dirname, resolve } from 'node:path';
import { type Directive, parseDirectives, quoteWord, someDirective } from './nginx-syntax.ts';

/** What an installation's `nginx.conf` is to be given. */
export interface InstallationWish {
  /** The directory that holds `nginx.conf`. */
  readonly directory: string;
  /** Absolute; holds the files of the VMs. */
  readonly includeGlob: string;
  /** The file of the stream module where it has to be loaded and is not. */
  readonly missingModule: string | undefined;
}

/** What has to be written to fulfil an `InstallationWish`. */
export interface InstallationEdit {
  readonly conf: string;
  /** To be made where the installation keeps its `load_module` lines in files of their own (Debian's `modules-enabled`). */
  readonly moduleFile: { readonly path: string; readonly text: string } | undefined;
}

/** Whether the files of the VMs are included; also given what `nginx -T` prints. Comments do not count. */
export function includesForwards(text: string, { directory, includeGlob }: InstallationWish): boolean {
  return someDirective(
    parseDirectives(text),
    ([name, path]) => name === 'include' && path !== undefined && resolve(directory, path) === includeGlob,
  );
}

/** Whether the stream module is loaded, given what `nginx -T` prints. */
export function loadsStreamModule(dump: string): boolean {
  return someDirective(
    parseDirectives(dump),
    ([name, path]) => name === 'load_module' && path !== undefined && basename(path) === 'ngx_stream_module.so',
  );
}

/** The first argument of a directive of the main context. */
export function mainValue(text: string, name: string): string | undefined {
  return parseDirectives(text).find(({ words }) => words[0] === name)?.words[1];
}

function moduleDirectory(directives: readonly Directive[], directory: string): string | undefined {
  for (const { words } of directives) {
    const [name, path] = words;
    if (name !== 'include' || path === undefined || basename(path) !== '*.conf') continue;
    const included = dirname(resolve(directory, path));
    if (basename(included) === 'modules-enabled') return included;
  }
  return undefined;
}

function addInclude(text: string, directives: readonly Directive[], includeGlob: string): string {
  const line = `    include ${quoteWord(includeGlob)};\n`;
  const stream = directives.find(({ words }) => words[0] === 'stream')?.block;
  if (stream === undefined) {
    const newline = text === '' || text.endsWith('\n') ? '' : '\n';
    return `${text}${newline}\n# Added by the golem provider: leads ssh to its VMs.\nstream {\n${line}}\n`;
  }
  const lineStart = text.lastIndexOf('\n', stream.close - 1) + 1;
  const isBraceAlone = text.slice(lineStart, stream.close).trim() === '';
  const at = isBraceAlone ? lineStart : stream.close;
  return text.slice(0, at) + (isBraceAlone ? line : `\n${line}`) + text.slice(at);
}

/**
 * `nginx.conf` with the files of the VMs included in its `stream` block, which is made where there is none. Everything
 * else stays as it is, to the character. Asked again, it changes nothing.
 *
 * @throws SyntaxError when the text is no configuration.
 */
export function editInstallation(text: string, wish: InstallationWish): InstallationEdit {
  if (includesForwards(text, wish)) return { conf: text, moduleFile: undefined };
  const directives = parseDirectives(text);
  const conf = addInclude(text, directives, wish.includeGlob);
  if (wish.missingModule === undefined) return { conf, moduleFile: undefined };
  const load = `load_module ${quoteWord(wish.missingModule)};\n`;
  const modules = moduleDirectory(directives, wish.directory);
  return modules === undefined
    ? { conf: load + conf, moduleFile: undefined }
    : // The name that Debian's own package gives it, so that the module is never loaded twice.
      { conf, moduleFile: { path: resolve(modules, '50-mod-stream.conf'), text: load } };
}
