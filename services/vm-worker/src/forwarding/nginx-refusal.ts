import { AppError } from '@golem-provider/service-kit';

/** Why nginx did not do as it was told. */
export interface NginxRefusal {
  /** Its own words, on one line, at most some 2000 characters. */
  readonly words: string;
  /** The configuration files that it names, in its order. */
  readonly files: readonly string[];
}

const MAX_WORDS = 2000;
const COMPLAINT = /\[(?:emerg|alert|crit|error)\](?: \d+#\d+:)? (?:\*\d+ )?(.*)$/;

/** Reads the standard error of nginx, or a part of its error log. Where no line is a complaint, all of it counts. */
export function parseRefusal(output: string): NginxRefusal {
  const lines = output.split('\n').map((line) => line.trim());
  const complaints = lines.flatMap((line) => COMPLAINT.exec(line)?.[1] ?? []);
  // An unprivileged nginx says that it could not open its default log before it goes on with ours.
  const telling = complaints.filter((line) => !line.startsWith('could not open error log file'));
  const chosen =
    telling.length > 0 ? telling : complaints.length > 0 ? complaints : lines.filter((line) => line !== '');
  const words = [...new Set(chosen)].join('; ').slice(0, MAX_WORDS);
  const files = [...words.matchAll(/ in (\/.*?):\d+(?=;|$)/g)].flatMap((match) => match[1] ?? []);
  return { words: words === '' ? 'no reason given' : words, files: [...new Set(files)] };
}

/** The words without the paths of this host. */
export function publicWords({ words }: NginxRefusal): string {
  return words.replaceAll(/ in \/.*?:\d+(?=;|$)/g, '').replaceAll(/(?<![\w.\]:])(?:\/[^\s/";:,]+)+\/?/g, '(path)');
}

/** The error that a refusal becomes. */
export function refusalError(doing: string, refusal: NginxRefusal): AppError {
  return new AppError('PROXY_FAILED', `${doing}: nginx says: ${refusal.words}`, {
    publicDetail: `nginx says: ${publicWords(refusal)}`,
  });
}

/**
 * Whether a part of the error log says that a reload was given up. A port that is taken is tried for again and again, so
 * its line alone does not yet say so.
 */
export function tellsOfFailedReload(log: string): boolean {
  return log.split('\n').some((line) => line.includes('[emerg]') && !/bind\(\) to \S+ failed/.test(line));
}

/**
 * Whether a running master could not load a module because it is older, or newer, than the program on disk: after an
 * upgrade of the package it can take no configuration any more.
 */
export function tellsOfUpgradedProgram({ words }: NginxRefusal): boolean {
  return /version \d+ instead of \d+|is not binary compatible/.test(words);
}
