import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { toolPath } from '@botplane/bootstrap';
import { startPrometheus } from '@botplane/testing';
import type { ScrapeTarget, TestPrometheus } from '@botplane/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DASHBOARDS } from '../../tools/charts/src/monitoring/dashboards/all.ts';
import { Environment, ROOT } from '../src/environment.ts';
import { localEnvironment } from '../src/local-cli.ts';
import { greeter, manifests } from '../src/manifests.ts';
import { newUserId } from '../src/simulator.ts';

const BOT = 'watched';
const SERVICES = ['operator', 'ingress', 'executor', 'delivery', 'api', 'simulator'];
/** How often Prometheus reads and evaluates: a busy machine has that long to answer. */
const INTERVAL_S = 2;
/** What Grafana would put in. */
const VARIABLES: Readonly<Record<string, string>> = { namespace: '.*', bot: BOT, __rate_interval: '60s' };

const withVariables = (expression: string): string => expression.replace(/\$(\w+)/g, (_, name: string) => VARIABLES[name] ?? `unknown variable ${name}`);

/** The services by their names, and runtime pods by their addresses, with the labels that ServiceMonitors and the PodMonitor give them. */
async function targetsOf(env: Environment): Promise<ScrapeTarget[]> {
  const rows = (await localEnvironment(['status'])).split('\n').map((line) => line.split(/\s{2,}/));
  const services = SERVICES.map((name) => {
    const url = rows.find(([row]) => row === name)?.at(-1);
    if (url === undefined) throw new Error(`${name} does not run`);
    return { address: new URL(url).host, labels: { job: `botplane-${name}`, namespace: 'botplane-system', pod: `${name}-0` } };
  });
  const { items } = JSON.parse(await env.kubectl(['get', 'pods', '-A', '-l', 'app.kubernetes.io/name=botplane-runtime', '--field-selector=status.phase=Running', '-o', 'json'])) as
    { items: { metadata: { name: string; namespace: string; deletionTimestamp?: string }; status: { podIP: string } }[] };
  const pods = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata: { name, namespace }, status }) => ({ address: `${status.podIP}:8080`, labels: { job: 'botplane-runtime', namespace, pod: name } }));
  return [...services, ...pods];
}

describe('[P10] an install as its operators see it', () => {
  let env: Environment;
  let targets: ScrapeTarget[] = [];
  let prometheus: TestPrometheus;

  beforeAll(async () => {
    env = new Environment();
    const { token } = await env.simulator.makeBot(BOT);
    await env.kubectl(['apply', '-f', '-'], manifests(BOT, token, greeter('hello')));
    await env.waitFor(`bot/${BOT}`, 'Ready', 60);
    targets = await targetsOf(env);
    prometheus = await startPrometheus({ targets, ruleFiles: [join(ROOT, 'charts/botplane/files/rules.yaml')], intervalSeconds: INTERVAL_S });
    const person = env.simulator.person(token, { id: newUserId(), first_name: 'Pia', language_code: 'en' });
    await person.say('/start');
    expect(await person.hearsText()).toBe('hello 1');
  });

  afterAll(async () => {
    await prometheus?.stop();
    await env.kubectl(['delete', 'bot', BOT, '--timeout=60s']);
  });

  it('promtool has no finding in the metrics of any service', async () => {
    const check = async ({ address, labels }: ScrapeTarget): Promise<string> => {
      const text = await (await fetch(`http://${address}/metrics`)).text();
      return new Promise((resolve) => {
        const child = execFile(toolPath('promtool'), ['check', 'metrics'], (error, stdout, stderr) => resolve(error ? `${labels['job']}: ${stdout}${stderr}` : ''));
        child.stdin?.end(text);
      });
    };
    expect((await Promise.all(targets.map(check))).filter((finding) => finding !== '')).toEqual([]);
  });

  it('every panel of every dashboard shows something', async () => {
    const queries = DASHBOARDS.flatMap(({ slug, rows }) => rows.flatMap(({ panels }) => panels.flatMap((panel) => panel.queries.map((query) => ({ ...query, name: `${slug}: ${panel.title}: ${query.legend}` })))));
    const empty = async (): Promise<string[]> => {
      const answers = await Promise.all(queries.map(async ({ name, expression }) => ((await prometheus.query(withVariables(expression))).length === 0 ? [name] : [])));
      return answers.flat();
    };
    expect(queries.length).toBeGreaterThan(80);
    await expect.poll(empty, { interval: 1_000 }).toEqual([]);
  });

  it('every rule can be evaluated, and every target answers', async () => {
    const unwell = async () => (await prometheus.get<{ groups: { rules: { name: string; health: string; lastError?: string }[] }[] }>('rules')).groups.flatMap(({ rules }) => rules).filter(({ health }) => health !== 'ok');
    await expect.poll(unwell).toEqual([]);
    const podsUp = async () => (await prometheus.query('up{job=~"botplane-.+"} == 1')).map(({ metric }) => metric['pod']).toSorted();
    // Pods of bots that ran before may end meanwhile.
    const asked = new Set(targets.map(({ labels }) => labels['pod']));
    const silent = async () => {
      const [there, up] = await Promise.all([targetsOf(env), podsUp()]);
      return there.map(({ labels }) => labels['pod']).filter((pod) => asked.has(pod) && !up.includes(pod));
    };
    await expect.poll(silent).toEqual([]);
    const components = async () => (await prometheus.query('component:botplane_requests:rate5m')).map(({ metric }) => metric['component']);
    await expect.poll(async () => [...new Set(await components())].toSorted()).toEqual(['api', 'delivery', 'executor', 'ingress', 'operator', 'runtime']);
  });

  it('what a person said is counted for the bot by its name', async () => {
    await expect.poll(async () => (await prometheus.query(`sum(botplane_bot_steps_total{bot="${BOT}", outcome="ok"})`))[0]?.value[1]).toMatch(/^[1-9]/);
    expect(await prometheus.query(`botplane_bot_ready{namespace="default", bot="${BOT}"} == 1`)).toHaveLength(1);
  });
});
