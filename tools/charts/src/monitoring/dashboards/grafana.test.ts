import { expect, it } from 'vitest';
import { ALERTS } from '../rules.ts';
import { DASHBOARDS } from './all.ts';
import { grafanaJson } from './grafana.ts';

interface Placed {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly links?: readonly { readonly url: string }[];
}
interface File {
  readonly uid: string;
  readonly templating: { readonly list: readonly { readonly name: string }[] };
  readonly panels: readonly Placed[];
}
const files = DASHBOARDS.map((dashboard) => JSON.parse(grafanaJson(dashboard)) as File);

it('[P10] a dashboard keeps its uid, so that links to it hold', () => {
  expect(files.map(({ uid }) => uid)).toEqual(['botplane-overview', 'botplane-bot', 'botplane-delivery', 'botplane-sandboxes', 'botplane-operator']);
});

it('has every variable that its queries use', () => {
  for (const file of files) {
    const names = file.templating.list.map(({ name }) => name);
    const used = [...JSON.stringify(file).matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name).filter((name) => !name.startsWith('__'));
    expect(names, file.uid).toEqual(expect.arrayContaining([...new Set(used)]));
    expect(names[0]).toBe('datasource');
  }
});

it('places no panel over another, nor outside', () => {
  for (const { uid, panels } of files) {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) => Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`));
    expect(new Set(cells).size, uid).toBe(cells.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w)), uid).toBe(24);
    expect(new Set(panels.map(({ id }) => id)).size, uid).toBe(panels.length);
  }
});

it('[W2] leads from every alert\'s panels to its runbook', () => {
  const linked = new Set(files.flatMap(({ panels }) => panels).flatMap(({ links = [] }) => links.map(({ url }) => url)));
  expect([...linked].toSorted()).toEqual(ALERTS.map(({ name }) => `docs/runbooks/${name}.md`).toSorted());
});

it('says of every panel what it tells', () => {
  for (const { panels } of DASHBOARDS.flatMap(({ rows }) => rows)) for (const { title, description, queries } of panels) expect([description.length, queries.length], title).not.toContain(0);
});
