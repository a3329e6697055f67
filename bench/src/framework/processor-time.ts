import { readFileSync, readdirSync } from 'node:fs';

/** Processor time since the start of the machine, in clock ticks of all processors together. */
export interface ProcessorTimes {
  /** Everything, idle time included. */
  all: number;
  /** In processes and in the kernel for them, and what the hypervisor gave to other machines. */
  busy: number;
  /** Of these, by processes of the bench and by the kernel's own threads. */
  own: number;
}

interface ProcessTimes {
  pid: number;
  parent: number;
  ticks: number;
}

/** Parent of the kernel's own threads. They write what others gave them to write. */
const KTHREADD_PID = 2;

/** Reads the times as of now. `roots`: processes of the bench that do not descend from this one. */
export function readProcessorTimes(roots: readonly number[] = []): ProcessorTimes {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = (readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '').trim().split(/\s+/).slice(1).map(Number);
  const busy = user + nice + system + steal;
  return { all: busy + idle + iowait + irq + softirq, busy, own: ticksOfTrees([process.pid, KTHREADD_PID, ...roots]) };
}

/** Share (0..1) of the machine that others used between two readings. */
export function foreignShare(before: ProcessorTimes, after: ProcessorTimes): number {
  const foreign = after.busy - before.busy - (after.own - before.own);
  return Math.max(0, foreign) / Math.max(1, after.all - before.all);
}

function ticksOfTrees(roots: readonly number[]): number {
  const children = Map.groupBy(readProcesses(), ({ parent, pid }) => (roots.includes(pid) ? 'root' : parent));
  const collect = (members: readonly ProcessTimes[]): number => members.reduce((sum, { pid, ticks }) => sum + ticks + collect(children.get(pid) ?? []), 0);
  return collect(children.get('root') ?? []);
}

function readProcesses(): ProcessTimes[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => readProcess(Number(name)));
}

/** With the time of children that it has waited for; those that run are processes of their own. */
function readProcess(pid: number): ProcessTimes[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name in brackets may hold spaces, so count from its end: state, parent, …, utime, stime, cutime, cstime.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
    return [{ pid, parent: fields[1] ?? 0, ticks: fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0) }];
  } catch {
    return []; // It ended meanwhile.
  }
}
