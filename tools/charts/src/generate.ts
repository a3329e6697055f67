import { DASHBOARDS } from './monitoring/dashboards/all.ts';
import { grafanaJson } from './monitoring/dashboards/grafana.ts';
import { rulesYaml } from './monitoring/rules.ts';
import { valuesSchema, valuesTable, valuesYaml } from './values/emit.ts';
import { GLOBAL } from './values/global.ts';
import { group } from './values/node.ts';
import { serviceValues } from './values/service.ts';
import type { ServiceValues } from './values/service.ts';
import { SERVICES } from './values/services.ts';
import { umbrellaValues } from './values/umbrella.ts';

/** A file to write: its path from the top of the repository, and its whole text. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

const CHART = 'charts/botplane';

/** values.yaml and values.schema.json of every chart, the tables of the README around the text it has, the rules of Prometheus and the dashboards of Grafana. */
export function generateFiles(readme: string): GeneratedFile[] {
  const umbrella = umbrellaValues(GLOBAL, SERVICES);
  return [
    { path: `${CHART}/values.yaml`, text: valuesYaml(umbrella) },
    { path: `${CHART}/values.schema.json`, text: valuesSchema(umbrella) },
    { path: `${CHART}/README.md`, text: withTables(readme) },
    ...SERVICES.flatMap(serviceFiles),
    { path: `${CHART}/files/rules.yaml`, text: rulesYaml() },
    ...DASHBOARDS.map((dashboard) => ({ path: `${CHART}/dashboards/${dashboard.slug}.json`, text: grafanaJson(dashboard) })),
  ];
}

/** The generated files of one service's chart. */
function serviceFiles(service: ServiceValues): GeneratedFile[] {
  const values = serviceValues(service, GLOBAL);
  const folder = `${CHART}/charts/${service.name}`;
  return [
    { path: `${folder}/values.yaml`, text: valuesYaml(values) },
    { path: `${folder}/values.schema.json`, text: valuesSchema(values) },
  ];
}

const BEGIN = '<!-- values: written by `make generate` from tools/charts/src/values -->';
const END = '<!-- end of values -->';

function withTables(readme: string): string {
  const [before, rest = ''] = readme.split(BEGIN);
  const after = rest.split(END)[1] ?? '';
  return `${before}${BEGIN}\n${tables()}\n${END}${after}`;
}

function tables(): string {
  const umbrella = umbrellaValues(GLOBAL, []);
  const { common: _library, ...own } = umbrella.values;
  const sample = serviceValues({ name: '<service>', description: '', resources: { cpu: '100m', memory: '192Mi', memoryMax: '512Mi' }, preStopSeconds: 5, replicasMax: 64 }, GLOBAL);
  const { global: _global, common: _common, ...shared } = sample.values;
  return [
    '### Shared and own', valuesTable(group('', own)),
    '### Of every service', '`<service>` is one of the charts below; defaults of sizes and times differ between them. A service that cannot be scaled has no `autoscaling`.', valuesTable(group('', shared), '<service>'),
    ...SERVICES.flatMap(({ name, description, own: values }) => (values ? [`### ${name}`, description, valuesTable(group('', values), name)] : [])),
  ].join('\n\n');
}
