import { describeLiveProvider } from './live-scenario.ts';

describeLiveProvider({ sessions: 8, creations: 14, limitMs: 300_000 });
