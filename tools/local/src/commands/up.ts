import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { withFileLock } from '@botplane/bootstrap/file-lock';
import { createProgress, type Progress } from '@botplane/bootstrap/progress';
import { becomesTrue, clusterFiles, ensureClusterFiles } from '@botplane/testing';
import { httpUrl, scriptVariables, type Environment } from '../environment/addresses.ts';
import { ensureCredentials, readCredentials } from '../environment/credentials.ts';
import { writeEnvFile } from '../environment/env-file.ts';
import { exampleBots } from '../environment/example-bots.ts';
import { applySample, installBase, installDefaultRuntime, SAMPLE_BOT } from '../environment/install.ts';
import { Kubectl } from '../environment/kubectl.ts';
import { allocate, readAllocation } from '../environment/ports.ts';
import { entryPoint, programState, RUNTIME, SERVICES } from '../environment/programs.ts';
import { registerBot } from '../environment/simulator-bots.ts';
import { endLeftovers } from '../leftovers.ts';
import { FIRST_STARTS_MAX, SAMPLE_READY_TIMEOUT_S, SUPERVISOR_START_MS } from '../limits.ts';
import { ROOT, type LocalPaths } from '../paths.ts';
import { ControlClient } from '../supervisor/control-client.ts';
import { environmentFingerprint } from '../supervisor/fingerprint.ts';
import type { ChildStatus } from '../supervisor/status.ts';
import { stopSupervisor } from '../supervisor/stop-supervisor.ts';
import { printSummary } from './summary.ts';

/** Pause between two questions about the children while they start, milliseconds. */
const STATUS_POLL_MS = 100;

/** Brings the environment up, or finishes what is missing; ends when the sample bot is Ready. */
export async function up(paths: LocalPaths): Promise<void> {
  const progress = createProgress();
  refuseUnbuilt(progress);
  // PostgreSQL may run as another user below these two.
  for (const folder of [paths.folder, paths.data]) mkdirSync(folder, { recursive: true, mode: 0o711 });
  await withFileLock(
    join(paths.folder, 'up.lock'),
    () => bringUp(paths, progress),
    () => progress.line('  another make up is at work, waiting'),
  );
}

async function bringUp(paths: LocalPaths, progress: Progress): Promise<void> {
  const control = new ControlClient(paths.socket);
  const environment = await ensureSupervisor(paths, control, progress);
  const status = await control.status();
  const names = status?.children.map(({ name }) => name) ?? [];
  progress.line(`Waiting for ${names.length} processes (logs in ${paths.logs})`);
  await Promise.all(names.map((name) => progress.step(name, (note) => untilReady(control, name, note))));
  await install(environment, new Set(names), progress);
  printSummary(environment, new Set(names), progress.elapsed());
}

function refuseUnbuilt(progress: Progress): void {
  for (const program of [...SERVICES, RUNTIME]) {
    const state = programState(program);
    if (state === 'unbuilt') throw new Error(`${program.name} is not built: ${entryPoint(program)} is missing, run \`make build\``);
    if (state === 'absent') progress.line(`  - ${program.name} is left out: ${program.folder} has no src/main.ts`);
  }
}

/** A supervisor with today's code runs afterwards. */
async function ensureSupervisor(paths: LocalPaths, control: ControlClient, progress: Progress): Promise<Environment> {
  const running = await control.status();
  if (running?.fingerprint === environmentFingerprint()) {
    const restarted = await control.refresh();
    if (restarted.length > 0) progress.line(`  restarted with new code: ${restarted.join(', ')}`);
    const allocation = readAllocation(paths.ports);
    return { paths, allocation, credentials: readCredentials(paths.credentials) };
  }
  if (running) await progress.step('stop the environment of an older build', () => stopSupervisor(paths, control));
  return startSupervisor(paths, control);
}

async function startSupervisor(paths: LocalPaths, control: ControlClient): Promise<Environment> {
  await endLeftovers(paths); // What a killed supervisor may have left behind.
  mkdirSync(paths.logs, { recursive: true, mode: 0o700 });
  const credentials = await ensureCredentials(paths.credentials);
  const allocation = await allocate(paths.ports);
  await ensureClusterFiles(paths.cluster, allocation.ports.kubeApiServer);
  const log = openSync(join(paths.logs, 'supervisor.log'), 'a');
  const child = spawn(process.execPath, [join(import.meta.dirname, '../supervisor/main.js')], {
    cwd: ROOT,
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, BOTPLANE_LOCAL_DIR: paths.folder },
  });
  closeSync(log);
  child.unref();
  const answers = async (): Promise<boolean> => (await control.status()) !== undefined;
  if (await becomesTrue(answers, SUPERVISOR_START_MS, () => child.exitCode !== null)) return { paths, allocation, credentials };
  throw new Error(`the supervisor did not start; see ${join(paths.logs, 'supervisor.log')}`);
}

async function untilReady(control: ControlClient, name: string, note: (text: string) => void): Promise<void> {
  while (true) {
    const child = (await control.status())?.children.find((candidate) => candidate.name === name);
    if (child?.state === 'ready') return;
    if (!child) throw new Error('the supervisor ended; run `make logs NAME=supervisor`');
    if (child.state === 'stopped') await control.control(name, 'start');
    if (child.restarts >= FIRST_STARTS_MAX) throw new Error(startFailure(child));
    note(child.state);
    await new Promise((resolve) => setTimeout(resolve, STATUS_POLL_MS));
    note('');
  }
}

function startFailure({ name, lastError }: ChildStatus): string {
  return `${name} does not start: ${lastError ?? 'no reason known'}\nRun \`make logs NAME=${name}\` for more.`;
}

async function install(environment: Environment, running: ReadonlySet<string>, progress: Progress): Promise<void> {
  const kubeconfig = clusterFiles(environment.paths.cluster).kubeconfig('admin');
  const kubectl = new Kubectl(kubeconfig);
  await progress.step('resource kinds and namespace', () => installBase(kubeconfig));
  await writeEnvFile(environment.paths.env, scriptVariables(environment, running));
  if (running.has('simulator')) {
    await progress.step('bots of examples/ in the simulator', async () => {
      for (const bot of exampleBots()) await registerBot(httpUrl(environment, 'simulator'), bot);
    });
  }
  if (!running.has('operator')) return;
  await progress.step('default pool of runtime pods', () => installDefaultRuntime(kubectl));
  await progress.step(`sample bot ${SAMPLE_BOT.name}`, () => ensureSample(kubectl));
}

async function ensureSample(kubectl: Kubectl): Promise<void> {
  if (!(await applySample(kubectl))) return;
  const bot = [`bot/${SAMPLE_BOT.name}`, '-n', SAMPLE_BOT.namespace];
  try {
    await kubectl.run('wait', '--for=condition=Ready', ...bot, `--timeout=${SAMPLE_READY_TIMEOUT_S}s`);
  } catch (error) {
    const path = '{range .status.conditions[*]}{.type}={.status} {.reason}: {.message}{"\\n"}{end}';
    const conditions = await kubectl.run('get', ...bot, '-o', `jsonpath=${path}`);
    throw new Error(`the sample bot is not Ready after ${SAMPLE_READY_TIMEOUT_S} s:\n${conditions}`, { cause: error });
  }
}
