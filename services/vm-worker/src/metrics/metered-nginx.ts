import type { Clock } from '@golem-provider/service-kit';
import type { Metrics } from '@golem-provider/service-kit/metrics';
import type { NginxControl } from '../forwarding/nginx-control.ts';
import type { NginxRefusal } from '../forwarding/nginx-refusal.ts';

/** A control of nginx whose changes are measured; it is the same in all else. */
export function meteredNginx(
  control: NginxControl,
  metrics: Pick<Metrics, 'observe'>,
  clock: Pick<Clock, 'elapsed'>,
): NginxControl {
  const measure = async (
    action: 'start' | 'reload' | 'upgrade',
    change: () => Promise<NginxRefusal | undefined>,
  ): Promise<NginxRefusal | undefined> => {
    const began = clock.elapsed();
    const end = (result: 'ok' | 'refused' | 'failed'): void =>
      metrics.observe('nginx_reload_duration_seconds', { action, result }, (clock.elapsed() - began) / 1000);
    try {
      const refusal = await change();
      end(refusal === undefined ? 'ok' : 'refused');
      return refusal;
    } catch (error) {
      end('failed');
      throw error;
    }
  };
  return {
    ...control,
    start: (signal) => measure('start', () => control.start(signal)),
    reload: (expected, signal) => measure('reload', () => control.reload(expected, signal)),
    upgrade: (expected, signal) => measure('upgrade', () => control.upgrade(expected, signal)),
  };
}
