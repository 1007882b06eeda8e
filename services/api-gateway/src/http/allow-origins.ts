import cors from 'cors';
import type { RequestHandler } from 'express';

/** Headers of answers that pages may read beside the ordinary ones. */
const EXPOSED = [
  'ETag',
  'Link',
  'Location',
  'Preference-Applied',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'WWW-Authenticate',
  'X-Request-Id',
];
const PREFLIGHT_SECONDS = 600;

/** Lets pages of these origins (`*`: of all) use the API from browsers; none where there are none. */
export function allowOrigins(origins: readonly string[]): RequestHandler[] {
  if (origins.length === 0) return [];
  const origin = origins.includes('*') ? '*' : [...origins];
  return [
    cors({ origin, methods: ['GET', 'HEAD', 'POST', 'DELETE'], exposedHeaders: EXPOSED, maxAge: PREFLIGHT_SECONDS }),
  ];
}
