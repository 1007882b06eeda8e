export * from './admission.ts';
export * from './drain.ts';
export * from './event-feed.ts';
export * from './metrics.ts';
export * from './record-store.ts';
export * from './refusal.ts';
export * from './reports.ts';
export * from './reservation-audit.ts';
