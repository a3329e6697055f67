import { readFileSync, readdirSync } from 'node:fs';

/** Clock ticks of /proc are a hundredth of a second on every Linux that Node runs on. */
const MS_PER_TICK = 10;

/** CPU time that each process below this one has used so far, in ms, by a short name. Processes of the same name are added up. */
export function cpuMsByProcess(): Map<string, number> {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => readProcess(Number(pid)));
  const ours = new Set([process.pid]);
  // A child's id need not be above its parent's.
  for (let before = 0; before < ours.size; ) {
    before = ours.size;
    for (const { pid, parent } of processes) if (ours.has(parent)) ours.add(pid);
  }
  const used = new Map<string, number>();
  for (const { pid, name, ms } of processes) if (ours.has(pid) && pid !== process.pid) used.set(name, (used.get(name) ?? 0) + ms);
  return used;
}

/** What was used in between, in µs per item: `nats-server=310 executor=420 … sum=1100`. Processes that did next to nothing are left out. */
export function describeCpu(before: Map<string, number>, after: Map<string, number>, items: number): string {
  const perItem = [...after].map(([name, ms]) => [name, ((ms - (before.get(name) ?? 0)) * 1_000) / items] as const).filter(([, us]) => us >= 1);
  const sum = perItem.reduce((total, [, us]) => total + us, 0);
  return [...perItem.toSorted(([, a], [, b]) => b - a), ['sum', sum] as const].map(([name, us]) => `${name}=${us.toFixed(0)}`).join(' ');
}

interface ProcessInfo {
  pid: number;
  parent: number;
  name: string;
  ms: number;
}

function readProcess(pid: number): ProcessInfo[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in brackets and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number) as [number, number, number];
    return [{ pid, parent, name: shortName(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')), ms: (user + system) * MS_PER_TICK }];
  } catch {
    return []; // It ended meanwhile.
  }
}

/** A service by its folder, a sandbox host as such, else the script or the binary. */
function shortName(args: readonly string[]): string {
  const script = args.find((arg) => /\.[jt]s$/.test(arg));
  if (script === undefined) return args[0]?.split('/').at(-1) ?? '';
  if (script.includes('/host/')) return 'sandbox-host';
  const file = script.split('/').at(-1)?.replace(/\.[jt]s$/, '') ?? '';
  if (file !== 'main') return args.includes('executor') || args.includes('delivery') ? `bare-${args[args.indexOf(script) + 1]}` : file;
  return script.split('/').filter((part) => !['dist', 'src', 'main.js', 'main.ts'].includes(part)).at(-1) ?? file;
}
