import { execFile, type ExecFileException } from 'node:child_process';
import { COMMAND_MS_MAX, OUTPUT_BYTES_MAX } from './limits.ts';

export interface CommandOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeoutMs?: number;
}

/** A command was ended because it took too long. */
export class OutOfTime extends Error {}

/** Runs a command and returns what it printed; rejects with what it complained about, or with OutOfTime. */
export function run(command: string, args: readonly string[], { input, env, timeoutMs = COMMAND_MS_MAX }: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, timeout: timeoutMs, maxBuffer: OUTPUT_BYTES_MAX };
    const done = (error: ExecFileException | null, stdout: string, stderr: string): void => {
      if (error === null) resolve(stdout);
      else if (error.killed === true) reject(new OutOfTime(`${command} ${args.join(' ')}: not done after ${timeoutMs / 1000} s`));
      else reject(new Error(`${command} ${args.join(' ')}: ${stderr.trim() || error.message}`));
    };
    const child = execFile(command, args, options, done);
    if (input !== undefined) child.stdin?.end(input);
  });
}

/** As `run`, but undefined where the command fails: for what may be gone already. */
export async function attempt(command: string, args: readonly string[]): Promise<string | undefined> {
  return run(command, args).catch(() => undefined);
}
