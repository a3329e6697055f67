/** A file or process of a pod, and which of the wanted texts stand in it. */
export interface Finding {
  readonly where: string;
  readonly what: readonly number[];
}

/** Runs in the pod, fed with texts as JSON: every file, and environment and arguments of every process. */
const SCAN = `
const { readFileSync, readdirSync } = require('node:fs');
const wanted = JSON.parse(readFileSync(0, 'utf8')).map((text) => Buffer.from(text));
const findings = [];
const look = (where) => {
  let content;
  try { content = readFileSync(where); } catch { return; }
  const what = wanted.flatMap((text, at) => (content.includes(text) ? [at] : []));
  if (what.length > 0) findings.push({ where, what });
};
const walk = (folder) => {
  let entries = [];
  try { entries = readdirSync(folder, { withFileTypes: true }); } catch { return; }
  for (const entry of entries) {
    const path = (folder === '/' ? '' : folder) + '/' + entry.name;
    if (entry.isDirectory() && !['/proc', '/sys', '/dev'].includes(path)) walk(path);
    else if (entry.isFile()) look(path);
    else if (entry.isSymbolicLink() && !path.startsWith('/proc') && /^\\/(var|run|tmp|etc|home|root)\\//.test(path)) look(path);
  }
};
walk('/');
walk('/dev/shm');
for (const pid of readdirSync('/proc').filter((name) => /^\\d+$/.test(name) && Number(name) !== process.pid)) for (const file of ['environ', 'cmdline']) look('/proc/' + pid + '/' + file);
console.log(JSON.stringify(findings));
`;

/** Where in a pod's files and processes any of these texts stand. `exec` is kubectl. */
export async function scanPod(exec: (args: readonly string[], input: string) => Promise<string>, pod: { namespace: string; name: string }, texts: readonly string[]): Promise<Finding[]> {
  return JSON.parse(await exec(['exec', '--stdin', '--namespace', pod.namespace, pod.name, '--', 'node', '-e', SCAN], JSON.stringify(texts))) as Finding[];
}
