import { METRIC_CATALOGUE } from './catalogue.ts';

const HEAD = `<!-- Written by \`make generate\` from the functions that register metrics (tools/charts/src/monitoring/catalogue.ts). -->
# Metrics

Every service answers \`GET /metrics\` on its HTTP port. Besides what is listed here, each has those of Node and of its process (\`process_*\`, \`nodejs_*\`).
Histograms have \`_bucket\`, \`_sum\` and \`_count\`. No label carries ids of chats or people. Bots have names in \`botplane_bot_*\` of the operator that leads
only, and only so many of them (\`operator.botMetricsMax\`).

Rates, errors, durations and saturation of every service have common names by recording rules: \`component:botplane_requests:rate5m\`,
\`component:botplane_errors:rate5m\`, \`component:botplane_duration_seconds:p99_5m\` and \`component:botplane_in_flight:sum\`, with the labels
\`namespace\` and \`component\`.

Autoscalers by lag ask no Prometheus but the api's \`GET /lag\`, which has the numbers of \`botplane_lag\`, at most a second old, and their mean over the last 15 s, which is what they go by
([docs/cluster.md](cluster.md#autoscaling)).
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
