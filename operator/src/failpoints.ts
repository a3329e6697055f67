import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Steps of a flip at which a test may end the process. */
export const FAILPOINTS = [
  'after-revision-created', 'after-published', 'after-loaded', 'after-status-decision', 'after-route-put', 'after-webhook', 'before-ready-status',
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

/** Exit code that tells a failpoint from a crash. */
export const FAILPOINT_EXIT_CODE = 86;

/**
 * Ends the process at named points, each once: a marker file makes the next process go on. Without names it does nothing.
 */
export class Failpoints {
  private readonly names: ReadonlySet<string>;
  private readonly folder: string | undefined;

  /** `names`: separated by commas. Throws for a name that does not exist. */
  constructor(names: string, folder: string | undefined) {
    this.names = new Set(names.split(',').map((name) => name.trim()).filter((name) => name !== ''));
    this.folder = folder;
    for (const name of this.names) if (!(FAILPOINTS as readonly string[]).includes(name)) throw new Error(`BOTPLANE_FAILPOINTS: '${name}' is none of ${FAILPOINTS.join(', ')}`);
  }

  /** Ends the process here if this point is set and was not met before. */
  hit(point: Failpoint): void {
    if (!this.names.has(point) || this.wasMet(point)) return;
    process.exit(FAILPOINT_EXIT_CODE);
  }

  private wasMet(point: Failpoint): boolean {
    if (this.folder === undefined) return false;
    const marker = join(this.folder, point);
    if (existsSync(marker)) return true;
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(marker, '');
    return false;
  }
}
