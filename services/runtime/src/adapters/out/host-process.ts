import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { setPriority } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { HostDone, HostEvents, HostSettings, SandboxHost, StartHost } from '../../app/ports.ts';
import type { Call, Revision } from '../../domain/call.ts';
import { Command, FrameReader, Report, Status, encodeFrame } from '../../host/protocol.ts';
import type { Frame } from '../../host/protocol.ts';
import { HOST_STDERR_CHARS_MAX, LOW_PRIORITY_NICENESS, SWEEP_MS_MAX, SWEEP_MS_MIN } from '../../limits.ts';

const HOST_FOLDER = fileURLToPath(new URL('../../host/', import.meta.url));
/** In development and tests Node runs the sources as they are. */
const HOST_MAIN = `${HOST_FOLDER}main.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`;

/** Folders a host may read: its own code and the two packages it loads. node-gyp-build looks into /etc/alpine-release to tell musl from glibc. */
function readableFolders(): string[] {
  const isolatedVm = folderOf('isolated-vm', import.meta.url);
  const packages = [isolatedVm, folderOf('node-gyp-build', pathToFileURL(isolatedVm)), folderOf('lru-cache', import.meta.url)];
  return [HOST_FOLDER, ...packages, '/etc/alpine-release'];
}

function folderOf(name: string, from: string | URL): string {
  const file = findPackageJSON(name, from);
  if (file === undefined) throw new Error(`package ${name} is not installed`);
  return `${dirname(realpathSync(file))}/`;
}

const NODE_OPTIONS: readonly string[] = ['--permission', '--allow-addons', '--no-node-snapshot', '--no-warnings'];

/**
 * Runs a command as SCHED_IDLE (chrt of util-linux). A nice value alone does not keep a process out of the others' way: Linux (EEVDF, since 6.6) lets what
 * runs go on for a slice of 1 to 3 ms, whatever its niceness, and each hop of an update may have to wait for that.
 */
const AS_IDLE: readonly string[] = ['/usr/bin/chrt', '-i', '0'];

/** Clock ticks of /proc are a hundredth of a second on every Linux that Node runs on. */
const MS_PER_TICK = 10;

/** Nothing but the zone, which V8 would read from the machine: a bot must see the same dates everywhere. */
const HOST_ENV = { TZ: 'UTC' } as const;

/** Starts sandbox hosts as child processes: an environment that says nothing, Node's permission model, nothing but three pipes. */
export const startHostProcess: StartHost = (settings, events) => new HostProcess(settings, events);

const STATUS: Readonly<Record<number, HostDone['status']>> = {
  [Status.Ok]: 'ok',
  [Status.GuestError]: 'guest_error',
  [Status.Overrun]: 'overrun',
  [Status.Starved]: 'starved',
  [Status.NotRegistered]: 'not_registered',
  [Status.Invalid]: 'invalid',
  [Status.OutOfMemory]: 'out_of_memory',
};

class HostProcess implements SandboxHost {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly events: HostEvents;
  private readonly reader = new FrameReader();
  private lastWords = '';
  private corked = false;

  constructor(settings: HostSettings, events: HostEvents) {
    this.events = events;
    const permissions = readableFolders().map((folder) => `--allow-fs-read=${folder}`);
    const args = [...NODE_OPTIONS, ...permissions, HOST_MAIN, String(settings.isolatesMax), String(settings.idleTtlMs)];
    const [command = '', ...rest] = [...(settings.priority === 'idle' ? AS_IDLE : []), process.execPath, ...args];
    this.child = spawn(command, rest, { env: HOST_ENV, cwd: '/', stdio: 'pipe' });
    if (settings.priority === 'low') this.yieldProcessor();
    this.child.stdout.on('data', (chunk: Buffer) => this.receive(chunk));
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.lastWords = (this.lastWords + chunk.toString()).slice(-HOST_STDERR_CHARS_MAX);
    });
    this.child.stdin.on('error', () => undefined); // The host is gone: `close` tells it.
    // `close` follows, also when there never was a process.
    this.child.on('error', (error) => (this.lastWords = error.message));
    const sweeping = setInterval(() => this.send(encodeFrame(Command.Sweep, 0, [], '')), Math.max(SWEEP_MS_MIN, Math.min(settings.idleTtlMs / 4, SWEEP_MS_MAX))).unref();
    this.child.on('close', (code, signal) => {
      clearInterval(sweeping);
      events.exited(`${signal ?? `exit code ${code}`} ${this.lastWords}`.trim());
    });
  }

  register(revision: Revision): void {
    const { index, memoryMiB, cpuMs, code, engine = Buffer.alloc(0) } = revision;
    this.send(encodeFrame(Command.Register, index, [memoryMiB, cpuMs, engine.length], Buffer.concat([engine, code])));
  }

  forget(index: number): void {
    this.send(encodeFrame(Command.Forget, index, [], ''));
  }

  start(call: Call): void {
    this.send(encodeFrame(call.kind === 'run' ? Command.Run : Command.Prepare, call.id, [call.revision.index], call.input));
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  usedMs(): number | undefined {
    try {
      const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8');
      // The second field is the name in brackets and may hold anything.
      const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number);
      return ((user ?? 0) + (system ?? 0)) * MS_PER_TICK;
    } catch {
      return undefined;
    }
  }

  /** At once, so that its start yields too. */
  private yieldProcessor(): void {
    try {
      if (this.child.pid !== undefined) setPriority(this.child.pid, LOW_PRIORITY_NICENESS);
    } catch {
      // It ended already: `close` tells it.
    }
  }

  /** Frames of one turn of the event loop go out in one write. */
  private send(frame: Buffer): void {
    if (!this.corked) {
      this.corked = true;
      this.child.stdin.cork();
      process.nextTick(() => {
        this.corked = false;
        this.child.stdin.uncork();
      });
    }
    this.child.stdin.write(frame);
  }

  private receive(chunk: Buffer): void {
    try {
      for (const frame of this.reader.push(chunk)) this.obey(frame);
    } catch (error) {
      this.lastWords = `broken report: ${String(error)}`;
      this.kill();
    }
  }

  private obey({ kind, id, body }: Frame): void {
    switch (kind) {
      case Report.Ready:
        return this.events.ready();
      case Report.Vitals:
        return this.events.vitals({ live: body.readUInt32LE(0), rssMiB: body.readUInt32LE(4) });
      case Report.Phase:
        return this.events.phase(id, body.readUInt32LE(0));
      case Report.Done:
        return this.events.done(id, readDone(body));
      default:
        throw new RangeError(`kind ${kind}`);
    }
  }
}

function readDone(body: Buffer): HostDone {
  const status = STATUS[body.readUInt32LE(0)];
  if (status === undefined) throw new RangeError('unknown status');
  return { status, cold: body.readUInt32LE(4) === 1, live: body.readUInt32LE(8), tookMs: body.readUInt32LE(12) / 1_000, cpuMs: body.readUInt32LE(16) / 1_000, text: body.toString('utf8', 20) };
}
