import { errorChain, isAppError } from '@golem-provider/service-kit';
import type { ProbeResult } from './hypervisor/hypervisor.ts';

/** What is known of the hypervisor and the proxy, as of the last time that somebody asked them. */
export interface WorkerHealth {
  /** Words for the operator on what is wrong; null while all is well. */
  reason(): string | null;
  /** What endangers the records though all works, a sentence each. */
  warnings(): readonly string[];
  warn(warnings: readonly string[]): void;
  /** The outcome of the last probe that succeeded. */
  probe(): ProbeResult | null;
  probed(result: ProbeResult): void;
  /** Records that a part works, or the error that it gave. */
  observed(part: HealthPart, error: unknown): void;
  /** Forgets what was known of the host, as nobody has looked at it for a while. */
  reset(): void;
  /** Calls back whenever the reason has changed. Returns the way to end it. */
  onChange(listener: () => void): () => void;
}

/** What can fail by itself. */
export type HealthPart = 'hypervisor' | 'proxy' | 'lease' | 'manifests';

/** Nothing counts as well before it was asked once. */
export function createWorkerHealth(): WorkerHealth {
  const unasked = 'The hypervisor has not been asked yet.';
  const problems = new Map<HealthPart, string>([['hypervisor', unasked]]);
  const listeners = new Set<() => void>();
  const reason = (): string | null => (problems.size === 0 ? null : [...problems.values()].join(' '));
  let last: ProbeResult | null = null;
  let warnings: readonly string[] = [];
  return {
    reason,
    warnings: () => warnings,
    warn(given) {
      warnings = given;
    },
    probe: () => last,
    probed(result) {
      last = result;
    },
    observed(part, error) {
      const before = reason();
      if (error === undefined) problems.delete(part);
      else
        problems.set(
          part,
          isAppError(error) && error.publicDetail !== undefined ? error.publicDetail : errorChain(error),
        );
      if (reason() !== before) for (const listener of listeners) listener();
    },
    reset() {
      problems.delete('proxy');
      problems.set('hypervisor', unasked);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
