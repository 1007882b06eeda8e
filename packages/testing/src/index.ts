export * from './chaos-orders.ts';
export * from './discovery-calls.ts';
export * from './discovery-contract.ts';
export * from './eventually.ts';
export * from './free-port.ts';
export * from './records.ts';
export * from './redis-server.ts';
export * from './temporary-directory.ts';
