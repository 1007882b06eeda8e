export * from './eventually.ts';
export * from './free-port.ts';
export * from './records.ts';
export * from './redis-server.ts';
export * from './temporary-directory.ts';
