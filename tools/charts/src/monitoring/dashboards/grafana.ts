import { RUNBOOKS } from '../rules.ts';
import type { Dashboard, Panel, Variable } from './model.ts';

/** Version of Grafana's format. */
const SCHEMA_VERSION = 41;
const COLUMNS = 24;
const HEIGHT = { stat: 4, timeseries: 8 } as const;
/** Panels side by side, at most. */
const ABREAST = { stat: 6, timeseries: 3 } as const;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const TAG = 'botplane';

/** The file that Grafana loads. The uid never changes, so that links hold. */
export function grafanaJson(dashboard: Dashboard): string {
  const { slug, title, description, variables } = dashboard;
  return `${JSON.stringify({
    uid: `botplane-${slug}`, title, description, tags: [TAG], schemaVersion: SCHEMA_VERSION, version: 1, editable: true, graphTooltip: 1,
    refresh: '30s', time: { from: 'now-1h', to: 'now' }, timezone: 'browser', annotations: { list: [] },
    links: [{ type: 'dashboards', title: 'Botplane', tags: [TAG], asDropdown: true, includeVars: true, keepTime: true, icon: 'external link', targetBlank: false, tooltip: '', url: '' }],
    templating: { list: [{ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', refresh: 1, hide: 0, includeAll: false, multi: false, options: [], regex: '' }, ...variables.map(variable)] },
    panels: panelsOf(dashboard),
  }, null, 2)}\n`;
}

function variable({ name, label, of, isMulti }: Variable): object {
  const query = `label_values(${of}, ${name})`;
  return {
    name, label, type: 'query', datasource: DATASOURCE, definition: query, query: { qryType: 1, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' },
    refresh: 2, sort: 1, hide: 0, regex: '', options: [], multi: isMulti, includeAll: isMulti, ...(isMulti ? { allValue: '.*', current: { selected: true, text: ['All'], value: ['$__all'] } } : {}),
  };
}

/** Rows one below the other, and in each row panels from left to right. */
function panelsOf({ rows }: Dashboard): object[] {
  const placed: object[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    placed.push({ id: placed.length + 1, type: 'row', title, collapsed: false, gridPos: { h: 1, w: COLUMNS, x: 0, y }, panels: [] });
    y += 1;
    const kind = panels[0]?.kind ?? 'timeseries';
    const abreast = Math.min(ABREAST[kind], panels.length);
    panels.forEach((panel, index) => {
      const w = COLUMNS / abreast;
      placed.push({ id: placed.length + 1, gridPos: { h: HEIGHT[kind], w, x: (index % abreast) * w, y: y + Math.floor(index / abreast) * HEIGHT[kind] }, ...look(panel) });
    });
    y += Math.ceil(panels.length / abreast) * HEIGHT[kind];
  }
  return placed;
}

function look(panel: Panel): object {
  const { kind, title, description, unit, queries, threshold, max, alert } = panel;
  return {
    type: kind, title, description, datasource: DATASOURCE,
    targets: queries.map(({ expression, legend }, index) => ({ refId: String.fromCharCode(65 + index), datasource: DATASOURCE, expr: expression, legendFormat: legend, range: true })),
    fieldConfig: {
      defaults: {
        // What may fall below zero has its threshold there.
        unit, ...(threshold?.at === 0 ? {} : { min: 0 }), ...(max === undefined ? {} : { max }), thresholds: { mode: 'absolute', steps: steps(threshold) },
        ...(kind === 'timeseries' ? { custom: { lineWidth: 1, fillOpacity: 10, showPoints: 'never', spanNulls: false, thresholdsStyle: { mode: threshold ? 'dashed' : 'off' } } } : {}),
      },
      overrides: [],
    },
    options: kind === 'stat'
      ? { colorMode: threshold ? 'value' : 'none', graphMode: 'area', textMode: 'auto', reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } }
      : { legend: { displayMode: 'list', placement: 'bottom', showLegend: true }, tooltip: { mode: 'multi', sort: 'desc' } },
    ...(alert === undefined ? {} : { links: [{ title: `Runbook ${alert}`, url: `${RUNBOOKS}/${alert}.md`, targetBlank: true }] }),
  };
}

function steps(threshold: Panel['threshold']): object[] {
  if (!threshold) return [{ color: 'green', value: null }];
  const [below, above] = threshold.below ? ['red', 'green'] : ['green', 'red'];
  return [{ color: below, value: null }, { color: above, value: threshold.at }];
}
