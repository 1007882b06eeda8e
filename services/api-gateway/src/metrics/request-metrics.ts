import type { Clock } from '@golem-provider/service-kit';
import type { Metrics } from '@golem-provider/service-kit/metrics';
import type { Request } from 'express';
import { z } from 'zod';
import type { Observe } from '../http/request-log.ts';

const Routed = z.object({ route: z.object({ path: z.string() }) });
/** The client was gone before there was an answer; the number that nginx made usual. */
const CLIENT_GONE = '499';

/** The pattern of the route that answered; what a requestor made up never becomes a label. */
function routeOf(request: Request): string {
  const routed = Routed.safeParse(request);
  return routed.success ? routed.data.route.path : 'other';
}

/** Measures each request from its first middleware to its end. */
export function requestMetrics(metrics: Pick<Metrics, 'observe'>, clock: Pick<Clock, 'elapsed'>): Observe {
  return (request, response) => {
    const began = clock.elapsed();
    response.on('close', () => {
      const labels = {
        method: request.method,
        route: routeOf(request),
        status: response.headersSent ? String(response.statusCode) : CLIENT_GONE,
      };
      metrics.observe('http_request_duration_seconds', labels, (clock.elapsed() - began) / 1000);
    });
  };
}
