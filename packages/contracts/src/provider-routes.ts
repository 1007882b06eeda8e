import { z } from 'zod';
import { DrainState } from './drain.ts';
import { Health, ProviderHistory, ProviderInfo, ProviderResources, Readiness } from './provider.ts';
import type { RouteContract } from './route-contract.ts';

/** The routes about the provider itself: who it is, what it has, and how its software is. */
export const PROVIDER_ROUTES = {
  getProviderInfo: {
    method: 'get',
    path: '/provider/info',
    access: 'public',
    tag: 'Provider',
    summary: 'Show who rents out this host',
    responses: { 200: { description: 'The provider.', schema: ProviderInfo } },
    errors: [],
  },
  getProviderResources: {
    method: 'get',
    path: '/provider/resources',
    access: 'public',
    tag: 'Provider',
    summary: 'Show what is free',
    responses: { 200: { description: 'The resources.', schema: ProviderResources } },
    errors: [],
  },
  drainProvider: {
    method: 'post',
    path: '/provider/drain',
    access: 'operator',
    tag: 'Provider',
    summary: 'Take no new VMs',
    description:
      'New VMs are refused and the advertisement is withdrawn until undrained, over restarts too. VMs that exist are served as before. Again: nothing changes.',
    responses: { 200: { description: 'No new VM is taken.', schema: DrainState } },
    errors: [],
  },
  undrainProvider: {
    method: 'post',
    path: '/provider/undrain',
    access: 'operator',
    tag: 'Provider',
    summary: 'Take new VMs again',
    responses: { 200: { description: 'New VMs are taken.', schema: DrainState } },
    errors: [],
  },
  getProviderHistory: {
    method: 'get',
    path: '/provider/resources/history',
    access: 'public',
    tag: 'Provider',
    summary: 'Show the load of the last hour',
    description: 'A point for each sample, oldest first.',
    query: z.object({
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(3600)
        .default(120)
        .meta({ type: 'integer', description: 'At most so many of the last points; 120 when left out.' }),
    }),
    responses: { 200: { description: 'The history.', schema: ProviderHistory } },
    errors: [],
  },
  getHealth: {
    method: 'get',
    path: '/health',
    access: 'public',
    tag: 'Service',
    summary: 'Tell whether the process is up',
    responses: { 200: { description: 'It is.', schema: Health } },
    errors: [],
    unprefixed: true,
  },
  getReadiness: {
    method: 'get',
    path: '/ready',
    access: 'public',
    tag: 'Service',
    summary: 'Tell whether new VMs can be made',
    responses: {
      200: { description: 'They can.', schema: Readiness },
      503: {
        description: 'Something is missing; the checks say what.',
        schema: Readiness,
        headers: { 'Retry-After': 'Seconds to wait.' },
      },
    },
    errors: [],
  },
} as const satisfies Record<string, RouteContract>;
