import { requestBody } from './upload-files.ts';
import type { ReadFile } from './upload-files.ts';

/** Tries of one call: the first, and again after a refusal that passes. */
const TRIES_MAX = 5;
/** Pause after a failure without retry_after; it doubles. */
const RETRY_MS = 500;
/** The longest pause that is waited for. */
const RETRY_MS_MAX = 60_000;
/** How long one call may take; getUpdates waits 20 s. */
const CALL_MS_MAX = 30_000;

const noFiles: ReadFile = ({ fileName }) => { throw new Error(`${fileName} cannot be sent from here`); };

/** Telegram said no, and saying it again would not help. */
export class RefusedError extends Error {}

interface Answer {
  ok: boolean;
  result?: unknown;
  description?: string;
  error_code?: number;
  parameters?: { retry_after?: number };
}

/** Calls of the Bot API as one bot, repeated in order after 429, 5xx and lost answers, as Botplane's delivery does. */
export class TelegramCalls {
  constructor(
    private readonly root: string,
    private readonly token: string,
    private readonly stop: AbortSignal,
  ) {}

  /** `readFile` gives the content of files that the parameters name as `$file`. */
  async call(method: string, params: object, readFile: ReadFile = noFiles): Promise<unknown> {
    const request = requestBody({ ...params }, readFile);
    let problem = '';
    for (let attempt = 0; attempt < TRIES_MAX && !this.stop.aborted; attempt++) {
      let pauseMs = RETRY_MS * 2 ** attempt;
      try {
        const answer = await this.once(method, request);
        if (answer.ok) return answer.result;
        problem = `${answer.error_code ?? ''} ${answer.description ?? ''}`.trim();
        if (answer.error_code !== 429 && (answer.error_code ?? 500) < 500) break;
        pauseMs = Math.min((answer.parameters?.retry_after ?? pauseMs / 1_000) * 1_000, RETRY_MS_MAX);
      } catch (error) {
        problem = (error as Error).message;
      }
      await this.pause(pauseMs);
    }
    throw new RefusedError(`${method}: ${problem}`);
  }

  private async once(method: string, { body, headers }: ReturnType<typeof requestBody>): Promise<Answer> {
    const response = await fetch(`${this.root}/bot${this.token}/${method}`, {
      method: 'POST', headers, body, signal: AbortSignal.any([this.stop, AbortSignal.timeout(CALL_MS_MAX)]),
    });
    return (await response.json()) as Answer;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => { clearTimeout(timer); this.stop.removeEventListener('abort', done); resolve(); };
      const timer = setTimeout(done, ms);
      this.stop.addEventListener('abort', done);
    });
  }
}
