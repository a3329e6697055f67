// The cluster of the project `e2e-cluster`: up before its tests, and gone after them whatever happened.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const NO_CLUSTER_CODE = 3;

/** Brings it up. Returns 0 and the tests' environment, the code of a failure, or why there is no cluster to be had, and then nothing is left of it. */
export async function startCluster(file) {
  const { code, complaint } = await runTool('test-up', file);
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
  return !existsSync(file) || (await runTool('test-down', file)).code === 0;
}

function runTool(...args) {
  const child = spawn(process.execPath, [join(root, 'tools/cluster/dist/main.js'), ...args], { cwd: root, stdio: ['inherit', 'inherit', 'pipe'] });
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
