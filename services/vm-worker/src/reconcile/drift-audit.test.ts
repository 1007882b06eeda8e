import { Writable } from 'node:stream';
import { expect, it } from '@jest/globals';
import { VmId } from '@golem-provider/contracts';
import { createLogger } from '@golem-provider/service-kit';
import type { Drift } from '@golem-provider/store';
import { createDriftAudit } from './drift-audit.ts';

const DRIFT: Drift = {
  vmId: VmId.parse('golem-web-20260101-000000'),
  held: undefined,
  mended: { cpu_cores: 1, memory_gb: 1, storage_gb: 10, port: 50_800 },
  isPortShared: false,
};

it('counts what differed at the last comparison and in all, and logs each as an error', async () => {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const logger = createLogger({ name: 'test', level: 'error', pretty: false }, destination);
  const found: Drift[][] = [[], [DRIFT, DRIFT], [DRIFT], []];
  const told: string[] = [];
  const mends = { tell: (id: VmId, mend: string) => Promise.resolve(void told.push(`${id} ${mend}`)) };
  const audit = createDriftAudit({ mend: () => Promise.resolve(found.shift() ?? []) }, mends, logger);

  const counts = [audit.drift()];
  for (let run = 0; run < 4; run += 1) {
    await audit.run([]);
    counts.push(audit.drift());
  }

  expect(counts).toEqual([
    { last: 0, total: 0 },
    { last: 0, total: 0 },
    { last: 2, total: 2 },
    { last: 1, total: 3 },
    { last: 0, total: 3 },
  ]);
  expect(lines).toHaveLength(3);
  expect(told).toEqual([1, 2, 3].map(() => `${DRIFT.vmId} holding`));
  expect(lines[0]).toContain(DRIFT.vmId);
});
