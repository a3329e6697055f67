import { READINESS_CHECK_MS_MAX } from './limits.ts';

/** Says whether something this service needs works now; a throw or `false` means no. */
export type ReadinessCheck = () => boolean | Promise<boolean>;

export interface ReadinessReport {
  ready: boolean;
  /** `ok`, or what is wrong. */
  checks: { [name: string]: string };
}

/** The named checks behind /readyz. */
export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();
  private draining = false;

  /** Adds a check; the same name replaces. */
  add(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** From now on not ready: traffic should go elsewhere. */
  drain(): void {
    this.draining = true;
  }

  /** Asks all checks at once; a slow one counts as failed. */
  async report(): Promise<ReadinessReport> {
    const results = await Promise.all([...this.checks].map(async ([name, check]) => [name, await outcome(check)] as const));
    if (this.draining) results.push(['shutdown', 'shutting down']);
    return { ready: results.every(([, result]) => result === 'ok'), checks: Object.fromEntries(results) };
  }
}

async function outcome(check: ReadinessCheck): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, READINESS_CHECK_MS_MAX, 'no answer');
  });
  try {
    return await Promise.race([Promise.resolve(check()).then((ok) => (ok ? 'ok' : 'not ready')), late]);
  } catch (error) {
    return error instanceof Error ? error.message : 'failed';
  } finally {
    clearTimeout(timer);
  }
}
