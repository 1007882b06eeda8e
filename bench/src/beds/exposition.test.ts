import { describe, expect, it } from '@jest/globals';
import { metricSum } from './exposition.ts';

const TEXT = [
  '# TYPE golem_provider_reloads_count counter',
  'golem_provider_reloads_count{action="reload",service="vm-worker"} 3',
  'golem_provider_reloads_count{action="start",service="vm-worker"} 1',
  'golem_provider_reloads_count_more{action="reload"} 50',
  '',
].join('\n');

describe('metricSum', () => {
  it.each([
    ['reloads_count', '', 4],
    ['reloads_count', 'action="reload"', 3],
    ['reloads', '', 0],
  ])('of %s with %j is %d', (name, label, expected) => {
    expect(metricSum(TEXT, name, label)).toBe(expected);
  });
});
