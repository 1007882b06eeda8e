import { loadSettings } from '@golem-provider/service-kit';
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

/** The context of a command by its options and the settings of this machine. */
export function operatorContext(context: CommandContext, { json = false, url }: ApiCommandOptions): OperatorContext {
  const baseUrl = url === undefined ? localBaseUrl(loadSettings(context.environment, context.cwd)) : normaliseUrl(url);
  const api = createProviderApi({ baseUrl, token: context.environment['GOLEM_TOKEN'], signal: context.signal });
  return {
    api,
    nowMs: () => Date.now(),
    show: (value, text) => context.write(json ? `${JSON.stringify(value, null, 2)}\n` : text),
    tell: context.tell,
  };
}
