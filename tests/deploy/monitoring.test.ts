import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeMetrics, metricSeriesNames } from '@golem-provider/contracts';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';

const DEPLOY = join(import.meta.dirname, '../../deploy');
const read = (path: string): string => readFileSync(join(DEPLOY, path), 'utf8');

const Dashboard = z.object({
  panels: z.array(
    z.object({ title: z.string(), type: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) }),
  ),
});

function expressions(): string[] {
  const { panels } = Dashboard.parse(JSON.parse(read('grafana/golem-provider.json')));
  return panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
}

function metricsIn(text: string): string[] {
  return [...new Set(text.match(/\bgolem_provider_\w+/g))];
}

const rules = read('prometheus/golem-provider.rules.yml');

describe.each([
  ['the dashboard', expressions().join('\n')],
  ['the alert rules', rules],
])('%s', (_, text) => {
  it('names no metric that is not counted', () => {
    expect(metricsIn(text).length).toBeGreaterThan(8);
    expect(metricsIn(text).filter((name) => !metricSeriesNames().has(name))).toEqual([]);
  });

  it('asks for no label that the metric does not have', () => {
    const labelsByName = new Map(
      describeMetrics().flatMap(({ name, labels }) =>
        [name, `${name}_bucket`, `${name}_sum`, `${name}_count`].map((series) => [series, labels] as const),
      ),
    );
    const wrong = [...text.matchAll(/(golem_provider_\w+)\{([^}]*)\}/g)].flatMap(([, name = '', matchers = '']) => {
      const labels = [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label);
      const known = labelsByName.get(name);
      return known === undefined ? [] : labels.filter((label) => label !== 'instance' && !known.includes(label));
    });
    expect(wrong).toEqual([]);
  });
});

describe('the dashboard', () => {
  it('shows every metric of our own', () => {
    const shown = metricsIn(expressions().join('\n'));
    const missing = describeMetrics()
      .map(({ name }) => name)
      .filter((name) => !shown.some((series) => series.replace(/_(?:bucket|sum|count)$/, '') === name));
    expect(missing).toEqual([]);
  });
});

describe('the alert rules', () => {
  it('tell what is wrong and what to do', () => {
    const alerts = rules.match(/- alert: \w+/g) ?? [];
    expect(alerts.length).toBeGreaterThan(5);
    for (const part of ['summary:', 'description:', 'severity:', 'expr:'])
      expect([part, rules.split(part).length - 1]).toEqual([part, alerts.length]);
  });
});
