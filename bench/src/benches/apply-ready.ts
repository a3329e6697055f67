import { greeter, manifests } from '@botplane/e2e';
import type { Environment, Person } from '@botplane/e2e';
import type { BenchRun } from '../framework/bench-run.ts';
import { percentile } from '../framework/statistics.ts';

/** Goal of the product on a warm pool; Knative's reconciliation-delay gate, the nearest public number, is p95 ≤ 25 s. */
const READY_P95_MS_MAX = 2_000;
const FIRST_ANSWER_P95_MS_MAX = 3_000;
/** In each round. */
const EDITS = 10;
const EDITS_QUICK = 6;
/** A rollout takes longer than an edit; a few are enough to print them beside ours. */
const ROLLOUTS = 3;
const ROLLOUTS_QUICK = 2;

interface Edit {
  readyMs: number;
  answeredMs: number;
}

/**
 * Edits one bot again and again: from `kubectl apply` to Ready of the new generation, and to the first answer that the new
 * revision gives. In between it rolls out a one-pod Deployment of the runtime image on the same control plane.
 */
export async function applyReady(bench: BenchRun, env: Environment): Promise<boolean> {
  const { token } = await env.simulator.makeBot('apply_ready');
  await env.kubectl(['apply', '-f', '-'], manifests('apply-ready', token, greeter('edit0')));
  await env.waitFor('bot/apply-ready', 'Ready', 30);
  await rolloutMs(env, 0);

  let edit = 0;
  const nextEdit = (): Promise<Edit> => {
    edit++;
    const person = env.simulator.person(token, { id: 100_000 + edit, first_name: 'Bench', language_code: 'en' });
    return oneEdit(env, person, manifests('apply-ready', token, greeter(`edit${edit}`)), `edit${edit}`);
  };
  let rollout = 0;
  const { of, foreignShare } = await bench.measure({
    edits: () => inTurn(bench.isQuick ? EDITS_QUICK : EDITS, nextEdit),
    rollouts: () => inTurn(bench.isQuick ? ROLLOUTS_QUICK : ROLLOUTS, () => rolloutMs(env, ++rollout)),
  });
  await env.kubectl(['delete', 'bot/apply-ready', 'secret/apply-ready', 'deployment/apply-ready-reference', '--timeout=60s']);

  // One round has too few for a p95 of its own.
  const ready = of.edits.flat().map(({ readyMs }) => readyMs);
  const answered = of.edits.flat().map(({ answeredMs }) => answeredMs);
  const rollouts = of.rollouts.flat();
  console.log(`sample: ${ready.length} edits, ${rollouts.length} reference rollouts; p50 ready ${percentile(ready, 0.5).toFixed(0)} ms, first answer ${percentile(answered, 0.5).toFixed(0)} ms, rollout ${percentile(rollouts, 0.5).toFixed(0)} ms`);
  return bench.report(
    {
      kind: 'absolute', figure: 'ready_p95', values: [percentile(ready, 0.95)], unit: 'ms', limit: { max: READY_P95_MS_MAX }, foreignShare,
      reference: { what: 'rollout of a one-pod Deployment p95', value: percentile(rollouts, 0.95) },
    },
    { kind: 'absolute', figure: 'first_answer_p95', values: [percentile(answered, 0.95)], unit: 'ms', limit: { max: FIRST_ANSWER_P95_MS_MAX }, foreignShare },
  );
}

async function inTurn<T>(count: number, next: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let n = 0; n < count; n++) results.push(await next());
  return results;
}

/** Both times count from the start of `kubectl apply`, its process included. */
async function oneEdit(env: Environment, person: Person, manifest: string, greeting: string): Promise<Edit> {
  const start = performance.now();
  await env.kubectl(['apply', '-f', '-'], manifest);
  const generation = await env.kubectl(['get', 'bot/apply-ready', '-o', 'jsonpath={.metadata.generation}']);
  await env.kubectl(['wait', `--for=jsonpath={.status.observedGeneration}=${generation}`, 'bot/apply-ready', '--timeout=30s']);
  await env.waitFor('bot/apply-ready', 'Ready', 30);
  const readyMs = performance.now() - start;

  await person.say('/start');
  const text = await person.hearsText();
  if (!text.startsWith(`${greeting} `)) throw new Error(`Ready, but "${text}" is the answer of another revision than ${greeting}`);
  return { readyMs, answeredMs: performance.now() - start };
}

async function rolloutMs(env: Environment, round: number): Promise<number> {
  const start = performance.now();
  await env.kubectl(['apply', '-f', '-'], referenceDeployment(round));
  await env.kubectl(['rollout', 'status', 'deployment/apply-ready-reference', '--timeout=60s']);
  return performance.now() - start;
}

function referenceDeployment(round: number): string {
  const labels = { app: 'apply-ready-reference' };
  const container = {
    name: 'runtime',
    image: 'botplane/runtime:dev',
    env: [
      { name: 'HOST', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
      { name: 'PORT', value: '8080' },
      { name: 'GRPC_PORT', value: '9090' },
      { name: 'ROUND', value: String(round) },
    ],
    readinessProbe: { httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 1 },
  };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'apply-ready-reference' },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
  });
}
