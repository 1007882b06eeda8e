/** Reads what `/metrics` shows now. What the worker counted is there within 5 s. */
export async function readMetrics(baseUrl: string): Promise<string> {
  return (await fetch(`${baseUrl}/metrics`)).text();
}

/** The sum of the values of a metric whose labels hold a text; 0 where there is none. Pure. */
export function metricSum(text: string, name: string, label = ''): number {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`golem_provider_${name}{`) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
