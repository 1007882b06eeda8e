import { METRICS_CONTENT_TYPE } from '@golem-provider/service-kit';
import { Router } from 'express';
import { operatorOnly } from '../access/operator-only.ts';
import type { Exposition } from '../metrics/exposition.ts';

/** Answers Prometheus at a path, for the operator alone. */
export function metricsPage(exposition: Exposition, path: string): Router {
  const router = Router();
  router.get(path, operatorOnly, async (_request, response) => {
    const text = await exposition();
    response.set('Cache-Control', 'no-store').type(METRICS_CONTENT_TYPE).send(text);
  });
  return router;
}
