export * from './admission.ts';
export * from './drain.ts';
export * from './event-feed.ts';
export * from './fence.ts';
export * from './record-store.ts';
export * from './reports.ts';
export * from './restore.ts';
export * from './worker-lease.ts';
