export * from './admission.ts';
export * from './drain.ts';
export * from './event-entries.ts';
export * from './event-feed.ts';
export * from './event-history.ts';
export { operationState } from './events.ts';
export * from './idempotency.ts';
export * from './record-store.ts';
export * from './reports.ts';
