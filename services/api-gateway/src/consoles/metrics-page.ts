import { METRICS_CONTENT_TYPE } from '@golem-provider/service-kit/metrics';
import type { RequestHandler } from 'express';
import { operatorOnly } from '../access/operator-only.ts';
import type { Exposition } from '../metrics/exposition.ts';

/** Answers Prometheus, for the operator alone. */
export function metricsPage(exposition: Exposition): RequestHandler[] {
  return [
    operatorOnly,
    async (_request, response) => {
      const text = await exposition();
      response.set('Cache-Control', 'no-store').type(METRICS_CONTENT_TYPE).send(text);
    },
  ];
}
