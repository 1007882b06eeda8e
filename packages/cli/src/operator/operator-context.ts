import { readFileSync } from 'node:fs';
import { type DataDirectory, dataDirectory, isErrorCode, loadSettings } from '@golem-provider/service-kit';
import { createProviderApi, type ProviderApi } from '../api/provider-api.ts';
import { CommandError, type CommandContext } from '../commands/command-context.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { localBaseUrl } from '../supervisor/banner.ts';

/** The options that every command which asks the API has. */
export interface ApiCommandOptions {
  readonly json?: boolean;
  readonly url?: string;
}

/** What the commands that ask the API work with. */
export interface OperatorContext {
  readonly api: ProviderApi;
  readonly nowMs: () => number;
  /** Shows a result: as JSON where that was asked for, otherwise as the text for people. */
  readonly show: (value: unknown, text: string) => void;
  /** Tells how far something is, beside the result. */
  readonly tell: (line: string) => void;
}

/** The address of an API as a person gave it, without a slash or the API's prefix at its end. */
export function normaliseUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:\/\//.test(url)) {
    throw new CommandError(`--url: ${url} is not an address such as http://127.0.0.1:7466`, EXIT_CODES.usage);
  }
  return url.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
}

/** The operator token of the provider of this machine; undefined where there is none yet, or not for this user. */
export function localOperatorToken({ operatorToken }: Pick<DataDirectory, 'operatorToken'>): string | undefined {
  try {
    return readFileSync(operatorToken, 'utf8').trim();
  } catch (error) {
    if (isErrorCode(error, 'ENOENT') || isErrorCode(error, 'EACCES')) return undefined;
    throw error;
  }
}

/** The context of a command by its options and the settings of this machine. */
export function operatorContext(context: CommandContext, { json = false, url }: ApiCommandOptions): OperatorContext {
  const given = context.environment['GOLEM_TOKEN'];
  let target: { baseUrl: string; token: string | undefined };
  if (url === undefined) {
    const settings = loadSettings(context.environment, context.cwd);
    target = { baseUrl: localBaseUrl(settings), token: given ?? localOperatorToken(dataDirectory(settings.DATA_DIR)) };
  } else {
    // The token of this machine's provider is nobody else's business.
    target = { baseUrl: normaliseUrl(url), token: given };
  }
  const api = createProviderApi({ ...target, signal: context.signal });
  return {
    api,
    nowMs: () => Date.now(),
    show: (value, text) => context.write(json ? `${JSON.stringify(value, null, 2)}\n` : text),
    tell: context.tell,
  };
}
