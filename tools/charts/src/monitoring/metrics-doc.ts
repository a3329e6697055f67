import { METRIC_CATALOGUE } from './catalogue.ts';

const HEAD = `<!-- Written by \`make generate\` from the functions that register metrics (tools/charts/src/monitoring/catalogue.ts). -->
# Metrics

Every service answers \`GET /metrics\` on its HTTP port. Besides what is listed here, each has those of Node and of its process (\`process_*\`, \`nodejs_*\`).
Histograms have \`_bucket\`, \`_sum\` and \`_count\`. No label carries ids of bots, chats or people.
`;

/** docs/metrics.md. */
export function metricsDoc(): string {
  const components = [...new Set(METRIC_CATALOGUE.map(({ component }) => component))];
  return [HEAD, ...components.map(table)].join('\n');
}

function table(component: string): string {
  const rows = METRIC_CATALOGUE.filter((metric) => metric.component === component).map(
    ({ name, type, labels, help }) => `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help.replaceAll('|', '\\|')}. |`,
  );
  return [`## ${component}`, '| metric | type | labels | meaning |', '|---|---|---|---|', ...rows, ''].join('\n');
}
