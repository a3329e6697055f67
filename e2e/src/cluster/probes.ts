import { PROBE_MS_MAX } from './limits.ts';

/** Where in a cluster something is started. */
export interface Place {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Runs kubectl with what goes to its input. */
type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

/** Runs in a pod: the ports on which anything listens for others. The kernel's tables are those of the pod's network, whichever container reads them. */
const LISTENING = `
const { readFileSync } = require('node:fs');
const LOOPBACK = ['0100007F', '00000000000000000000000001000000', '0000000000000000FFFF00000100007F'];
const rows = ['tcp', 'tcp6'].flatMap((table) => readFileSync('/proc/net/' + table, 'utf8').split('\\n').slice(1)).map((line) => line.trim().split(/\\s+/));
const local = rows.filter(([, , , state]) => state === '0A').map(([, address]) => address.split(':')).filter(([host]) => !LOOPBACK.includes(host));
console.log(JSON.stringify([...new Set(local.map(([, port]) => parseInt(port, 16)))].sort((a, b) => a - b)));
`;

/** Runs in a pod, fed with targets as JSON: which of them it connects to. */
const CONNECTS = `
const { connect } = require('node:net');
const tries = JSON.parse(require('node:fs').readFileSync(0, 'utf8')).map(({ host, port }) => new Promise((resolve) => {
  const socket = connect({ host, port });
  const done = (is) => () => { clearTimeout(timer); socket.destroy(); resolve(is); };
  const timer = setTimeout(done(false), ${PROBE_MS_MAX});
  socket.once('connect', done(true)).once('error', done(false));
}));
Promise.all(tries).then((found) => console.log(JSON.stringify(found)));
`;

/** Ports on which a pod listens, those of its loopback left out. */
export async function listeningPorts(kubectl: Kubectl, at: Place): Promise<number[]> {
  return JSON.parse(await kubectl(['exec', ...where(at), '--', 'node', '-e', LISTENING])) as number[];
}

/** For each target, whether a TCP connection from a pod is answered in time. */
export async function connects(kubectl: Kubectl, from: Place, targets: readonly Target[]): Promise<boolean[]> {
  return JSON.parse(await kubectl(['exec', '--stdin', ...where(from), '--', 'node', '-e', CONNECTS], JSON.stringify(targets))) as boolean[];
}

/** The first server of names that a pod asks. */
export async function nameServer(kubectl: Kubectl, at: Place): Promise<string> {
  const text = await kubectl(['exec', ...where(at), '--', 'node', '-p', "require('node:fs').readFileSync('/etc/resolv.conf', 'utf8')"]);
  const found = /^nameserver\s+(\S+)/m.exec(text)?.[1];
  if (found === undefined) throw new Error(`${at.pod} asks no server of names: ${text}`);
  return found;
}

const where = ({ namespace, pod, container }: Place): string[] => ['--namespace', namespace, pod, '--container', container];
