import type { ChildDefinition } from '../environment/children.ts';
import { ChildRunner, type ChildFolders } from './child-runner.ts';
import type { SupervisorStatus } from './status.ts';

/** Something that is done once on the way up, e.g. installing CRDs; children may be `after` it. */
export interface SetupTask {
  readonly name: string;
  readonly after: readonly string[];
  readonly run: () => Promise<void>;
}

export interface SupervisorOptions {
  readonly fingerprint: string;
  readonly folders: ChildFolders;
  readonly log: (message: string) => void;
}

/** Starts children in the order of their needs, all that can start together at once, and stops them in reverse. */
export class Supervisor {
  private readonly children = new Map<string, ChildRunner>();
  private readonly tasks: readonly SetupTask[];
  private readonly done = new Map<string, Promise<void>>();
  private readonly options: SupervisorOptions;
  private isStopping = false;

  constructor(definitions: readonly ChildDefinition[], tasks: readonly SetupTask[], options: SupervisorOptions) {
    for (const definition of definitions) {
      this.children.set(definition.name, new ChildRunner(definition, options.folders, options.log));
    }
    this.tasks = tasks;
    this.options = options;
  }

  /** Begins to start everything; progress shows in `status`. */
  begin(): void {
    for (const name of [...this.children.keys(), ...this.tasks.map((task) => task.name)]) {
      this.reached(name).catch((error: unknown) => this.options.log(`${name}: ${String(error)}`));
    }
  }

  async status(): Promise<SupervisorStatus> {
    const children = await Promise.all([...this.children.values()].map((child) => child.status()));
    return { pid: process.pid, fingerprint: this.options.fingerprint, children };
  }

  async start(name: string): Promise<void> {
    await this.child(name).start();
  }

  async stop(name: string): Promise<void> {
    await this.child(name).stop();
  }

  /** `env` holds until the next restart: one without it starts the child as usual again. */
  async restart(name: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.stop(name);
    this.child(name).setExtraEnv(env);
    await this.start(name);
  }

  /** Restarts the children whose code was built anew. Returns their names. */
  async refresh(): Promise<string[]> {
    const outdated = [...this.children.values()].filter((child) => child.isOutdated);
    const names = outdated.map((child) => child.definition.name);
    await Promise.all(names.map((name) => this.restart(name)));
    return names;
  }

  async stopAll(): Promise<void> {
    this.isStopping = true;
    for (const names of this.levels().toReversed()) {
      await Promise.all(names.map((name) => this.stop(name)));
    }
  }

  /** Resolves when a child was ready for the first time or a task is done; what it needs is reached first. */
  private reached(name: string): Promise<void> {
    const known = this.done.get(name);
    if (known) return known;
    const reaching = this.reach(name);
    this.done.set(name, reaching);
    return reaching;
  }

  private async reach(name: string): Promise<void> {
    await Promise.all(this.needsOf(name).map((need) => this.reached(need)));
    if (this.isStopping) throw new Error('stopped before it was started');
    const task = this.tasks.find((candidate) => candidate.name === name);
    if (task) await retry(task.run, () => this.isStopping);
    else await retry(() => this.child(name).start(), () => this.isStopping);
  }

  private needsOf(name: string): readonly string[] {
    const task = this.tasks.find((candidate) => candidate.name === name);
    return task?.after ?? this.child(name).definition.after;
  }

  /** Names by depth: those that need nothing first. */
  private levels(): string[][] {
    const depthOf = (name: string): number => 1 + Math.max(-1, ...this.needsOf(name).map(depthOf));
    const levels: string[][] = [];
    for (const name of this.children.keys()) (levels[depthOf(name)] ??= []).push(name);
    return Array.from(levels, (level) => level ?? []); // A level may hold tasks only.
  }

  private child(name: string): ChildRunner {
    const child = this.children.get(name);
    if (!child) throw new Error(`nothing is called "${name}"; there are: ${[...this.children.keys()].join(', ')}`);
    return child;
  }
}

/** Pause before something that failed on the way up is tried again, milliseconds. */
const RETRY_MS = 2_000;

/** Without end, since `up` decides how long it waits and `down` ends it. */
async function retry(work: () => Promise<void>, isOver: () => boolean): Promise<void> {
  while (true) {
    try {
      return await work();
    } catch (error) {
      if (isOver()) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
