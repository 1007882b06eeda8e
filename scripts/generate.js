/**
 * `npm run generate`: writes the files that are made from the contracts and from the description of the discovery service.
 * With `--check` it writes nothing and fails with the names of those that are stale. Needs the compiled contracts (`npm run build`).
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  describeMetrics,
  describeSettings,
  ERROR_CODES,
  METRICS_PREFIX,
  openApiDocument,
  PROCESS_METRICS,
} from '@golem-provider/contracts';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import prettier from 'prettier';
import { renderEnvExample, renderErrorsPage, renderMetricsPage, renderSettingsPage } from './lib/documents.js';
import { ROOT } from './lib/host.js';
import { Failure, runScript } from './lib/run.js';

/** The types of the discovery service's API, from the description of it. */
async function discoveryTypes() {
  const description = pathToFileURL(join(ROOT, 'services/advertiser/discovery.openapi.json'));
  return COMMENT_HEADER + astToString(await openapiTS(description));
}

/** @returns {Promise<Record<string, string>>} Contents by path. */
async function generatedFiles() {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const formatted = async (/** @type {string} */ text, /** @type {string} */ parser) =>
    prettier.format(text, { ...(await prettier.resolveConfig(join(ROOT, 'package.json'))), parser });
  const page = (/** @type {string} */ markdown) => formatted(markdown, 'markdown');
  const settings = describeSettings();
  const document = openApiDocument(version);
  const types = astToString(await openapiTS(JSON.stringify(document), { silent: true }));
  const head = '// The types of the API, made from its OpenAPI document by `npm run generate`.\n';
  return {
    '.env.example': renderEnvExample(settings),
    'docs/settings.md': await page(renderSettingsPage(settings)),
    'docs/errors.md': await page(renderErrorsPage(ERROR_CODES)),
    'docs/metrics.md': await page(
      renderMetricsPage(
        describeMetrics(),
        PROCESS_METRICS.map((name) => METRICS_PREFIX + name),
      ),
    ),
    'services/advertiser/src/discovery/discovery-api.d.ts': await discoveryTypes(),
    'services/api-gateway/openapi.json': `${JSON.stringify(document, null, 2)}\n`,
    'packages/client/src/api.ts': await formatted(head + types, 'typescript'),
  };
}

await runScript(async () => {
  const files = await generatedFiles();
  const stale = Object.entries(files).filter(([path, content]) => {
    const file = join(ROOT, path);
    return !existsSync(file) || readFileSync(file, 'utf8') !== content;
  });
  if (process.argv.includes('--check')) {
    if (stale.length === 0) return;
    throw new Failure(`Stale, run \`npm run generate\`: ${stale.map(([path]) => path).join(', ')}`, 1);
  }
  for (const [path, content] of stale) {
    writeFileSync(join(ROOT, path), content);
    console.log(`wrote ${path}`);
  }
});
