import { greeter, manifests } from '@botplane/e2e';
import type { Environment, Person } from '@botplane/e2e';
import { percentile, reportFigure } from '../figures.ts';

/** Goal of the product on a warm pool; Knative's reconciliation-delay gate, the nearest public number, is p95 ≤ 25 s. */
const READY_P95_MS_MAX = 2_000;
const FIRST_ANSWER_P95_MS_MAX = 3_000;
/** A rollout takes longer than an edit; every third round is enough to print it beside ours. */
const REFERENCE_EVERY_EDITS = 3;

/**
 * Edits one bot again and again: from `kubectl apply` to Ready of the new generation, and to the first answer that the new
 * revision gives. In between it rolls out a one-pod Deployment of the runtime image on the same control plane.
 */
export async function applyReady(env: Environment, isQuick: boolean): Promise<boolean> {
  const edits = isQuick ? 12 : 50;
  const { token } = await env.simulator.makeBot('apply_ready');
  await env.kubectl(['apply', '-f', '-'], manifests('apply-ready', token, greeter('edit0')));
  await env.waitFor('bot/apply-ready', 'Ready', 30);
  await rolloutMs(env, 0);

  const ready: number[] = [];
  const answered: number[] = [];
  const reference: number[] = [];
  for (let edit = 1; edit <= edits; edit++) {
    const person = env.simulator.person(token, { id: 100_000 + edit, first_name: 'Bench', language_code: 'en' });
    const sample = await oneEdit(env, person, manifests('apply-ready', token, greeter(`edit${edit}`)), `edit${edit}`);
    ready.push(sample.readyMs);
    answered.push(sample.answeredMs);
    if (edit % REFERENCE_EVERY_EDITS === 0) reference.push(await rolloutMs(env, edit));
  }
  await env.kubectl(['delete', 'bot/apply-ready', 'secret/apply-ready', 'deployment/apply-ready-reference', '--timeout=60s']);

  console.log(`sample: ${edits} edits, ${reference.length} reference rollouts; p50 ready ${percentile(ready, 0.5).toFixed(0)} ms, first answer ${percentile(answered, 0.5).toFixed(0)} ms, rollout ${percentile(reference, 0.5).toFixed(0)} ms`);
  const isReadyMet = reportFigure('apply-ready', {
    kind: 'absolute',
    figure: 'ready_p95',
    value: percentile(ready, 0.95),
    unit: 'ms',
    limit: READY_P95_MS_MAX,
    reference: { what: 'rollout of a one-pod Deployment p95', value: percentile(reference, 0.95) },
  });
  const isAnswerMet = reportFigure('apply-ready', { kind: 'absolute', figure: 'first_answer_p95', value: percentile(answered, 0.95), unit: 'ms', limit: FIRST_ANSWER_P95_MS_MAX });
  return isReadyMet && isAnswerMet;
}

/** Both times count from the start of `kubectl apply`, its process included. */
async function oneEdit(env: Environment, person: Person, manifest: string, greeting: string): Promise<{ readyMs: number; answeredMs: number }> {
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
