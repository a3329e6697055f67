// The cluster of the project `e2e-cluster`: up before its tests, and gone after them whatever happened.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const NO_CLUSTER_CODE = 3;
/** Longest times, far above what a busy machine needs: until the cluster has its images, of the tests, and until it is gone. */
export const CLUSTER_MS_MAX = { up: 1_800_000, tests: 2_400_000, down: 300_000 };

/** Brings it up. Returns 0 and the tests' environment, the code of a failure, or why there is no cluster to be had, and then nothing is left of it. */
export async function startCluster(file) {
  const { code, complaint } = await runTool(CLUSTER_MS_MAX.up, 'test-up', file);
  if (code === 0) {
    const { started, context, kubeconfig, values } = JSON.parse(readFileSync(file, 'utf8'));
    return { code, env: { CLUSTER_CONTEXT: context, CLUSTER_VALUES: values.join(','), CLUSTER_IS_OURS: started === 'none' ? '' : '1', ...(kubeconfig === '' ? {} : { KUBECONFIG: kubeconfig }) } };
  }
  if (code !== NO_CLUSTER_CODE) return { code };
  await stopCluster(file);
  return { code, why: complaint.replace(/^✗ /, '') };
}

/** Ends what was started; nothing when nothing was. True when that worked. */
export async function stopCluster(file) {
  return !existsSync(file) || (await runTool(CLUSTER_MS_MAX.down, 'test-down', file)).code === 0;
}

function runTool(timeout, ...args) {
  const child = spawn(process.execPath, [join(root, 'tools/cluster/dist/main.js'), ...args], { cwd: root, stdio: ['inherit', 'inherit', 'pipe'], timeout });
  // This process lives on, to end what was started.
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => child.kill(signal));
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    process.stderr.write(text);
    complaint = text.trim().split('\n').find((line) => line.startsWith('✗')) ?? complaint;
  });
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: 1, complaint }));
    child.once('close', (code) => resolve({ code: code ?? 1, complaint }));
  });
}
