import { followEvents } from '../api/follow-events.ts';
import type { CommandContext } from '../commands/command-context.ts';
import { renderEvent } from '../output/job-text.ts';
import { type ApiCommandOptions, operatorContext } from './operator-context.ts';

/** Writes a line for each event, as it happens, until the command is ended or nobody reads any more. */
export async function showEvents(context: CommandContext, options: ApiCommandOptions): Promise<void> {
  const { api, tell } = operatorContext(context, options);
  const { signal, outputGone, write } = context;
  try {
    await followEvents(api, AbortSignal.any([signal, outputGone]), {
      take(event) {
        if (event === undefined) tell('an event that this version does not understand');
        else write(options.json === true ? `${JSON.stringify(event)}\n` : renderEvent(event));
      },
      onConnected: () => tell(`listening to ${api.baseUrl}; Ctrl+C ends it`),
      onLost: () => tell('the connection is lost; it is made again'),
    });
  } catch (error) {
    if (signal.aborted || !outputGone.aborted) throw error;
  }
}
