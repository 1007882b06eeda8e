import { describeLiveProvider } from './live-scenario.ts';

describeLiveProvider({ sessions: 20, creations: 100, limitMs: 1_200_000 });
