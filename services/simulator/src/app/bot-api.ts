import { ApiError, badRequest, forbidden, tooManyRequests } from '../domain/api-error.ts';
import { checkCall } from '../domain/check-call.ts';
import type { Fault, FaultKind } from '../domain/faults.ts';
import { CALL_PARAM_CHARS_KEPT_MAX, FAULT_TIMEOUT_MS } from '../limits.ts';
import type { Accounts } from './accounts.ts';
import type { BotAccount } from './bot-account.ts';
import type { Call, Upload } from './methods/params.ts';
import type { NamedMethod } from './methods/table.ts';
import { chatIdOfCall } from './methods/targets.ts';
import type { Clock, Meter } from './ports.ts';

/** What the caller gets: an answer, or a connection that breaks. */
export type Outcome = { kind: 'answer'; status: number; body: unknown } | { kind: 'hang_up' };

/** What a caller sent, as its transport read it. */
export interface Request {
  token: string;
  method: string;
  params: Record<string, unknown>;
  files: readonly Upload[];
  /** Makes a signal that is raised when the caller is gone or the simulator stops; asked for only when a call waits. */
  abort: () => AbortSignal;
}

interface Answer {
  status: number;
  body: unknown;
}

const refusal = (error: ApiError): Answer => ({
  status: error.code,
  body: {
    ok: false, error_code: error.code, description: error.description,
    ...(error.parameters && { parameters: error.parameters }),
  },
});

function asRefusal(error: unknown): Answer {
  if (error instanceof ApiError) return refusal(error);
  throw error;
}

/** A method that Telegram does not have: recorded as well, since somebody expected it. */
const unknownMethod = (name: string): CalledMethod => ({
  name, run: () => { throw new ApiError(404, 'Not Found: method not found'); },
});

type CalledMethod = Pick<NamedMethod, 'name' | 'run' | 'ready'> & Partial<Pick<NamedMethod, 'schema'>>;

/** The Bot API: finds bot and method, lets faults happen, performs, keeps a record of every call. */
export class BotApi {
  constructor(
    private readonly accounts: Accounts,
    private readonly methods: ReadonlyMap<string, NamedMethod>,
    private readonly meter: Meter,
    private readonly clock: Clock,
  ) {}

  async call(request: Request): Promise<Outcome> {
    const account = this.accounts.find(request.token);
    if (!account) return { kind: 'answer', ...refusal(new ApiError(401, 'Unauthorized')) };
    const method = this.methods.get(request.method.toLowerCase()) ?? unknownMethod(request.method);
    const { params, files } = request;
    const call: Call = { account, params, files, nowMs: this.clock() };
    const chatId = chatIdOfCall(call);
    const fault = this.accounts.faults.take({ token: request.token, method: method.name, chatId });
    if (fault) return this.misbehave(call, method, chatId, fault, request.abort());
    if (!method.ready) return { kind: 'answer', ...this.perform(call, method, chatId) };
    const { name, run, schema, ready } = method;
    return { kind: 'answer', ...(await this.performWhenReady(call, { name, run, ...(schema && { schema }), ready }, request.abort)) };
  }

  /** A call that a webhook's answer carries: performed, with nobody to hear the result. */
  callFromWebhook(account: BotAccount, methodName: string, params: Record<string, unknown>): void {
    const method = this.methods.get(methodName.toLowerCase());
    if (!method) return;
    const call: Call = { account, params, files: [], nowMs: this.clock() };
    this.perform(call, method, chatIdOfCall(call));
  }

  private perform(call: Call, method: CalledMethod, chatId: number | null): Answer {
    const answer = this.run(call, method);
    this.record(call, method, chatId, answer);
    return answer;
  }

  private async performWhenReady(call: Call, method: CalledMethod & Required<Pick<NamedMethod, 'ready'>>, abort: () => AbortSignal): Promise<Answer> {
    let answer: Answer;
    try {
      check(call, method);
      await method.ready(call, abort);
      answer = this.run({ ...call, nowMs: this.clock() }, method);
    } catch (error) {
      answer = asRefusal(error);
    }
    this.record(call, method, null, answer);
    return answer;
  }

  private run(call: Call, method: CalledMethod): Answer {
    try {
      check(call, method);
      const { result, description } = method.run(call);
      return { status: 200, body: { ok: true, result, ...(description !== undefined && { description }) } };
    } catch (error) {
      return asRefusal(error);
    }
  }

  private async misbehave(call: Call, method: CalledMethod, chatId: number | null, fault: Fault, abort: AbortSignal): Promise<Outcome> {
    switch (fault.kind) {
      case 'slow': {
        await pause(fault.delayMs ?? 1000, abort);
        const answer = this.run({ ...call, nowMs: this.clock() }, method);
        this.record(call, method, chatId, answer, fault.kind);
        return { kind: 'answer', ...answer };
      }
      case 'sent_then_reset':
        this.record(call, method, chatId, this.run(call, method), fault.kind);
        await pause(fault.delayMs ?? 0, abort);
        return { kind: 'hang_up' };
      case 'timeout': case 'reset':
        this.record(call, method, chatId, null, fault.kind);
        await pause(fault.delayMs ?? (fault.kind === 'timeout' ? FAULT_TIMEOUT_MS : 0), abort);
        return { kind: 'hang_up' };
      default: {
        const answer = refusal(faultError(fault));
        this.record(call, method, chatId, answer, fault.kind);
        await pause(fault.delayMs ?? 0, abort);
        return { kind: 'answer', ...answer };
      }
    }
  }

  private record(call: Call, method: CalledMethod, chatId: number | null, answer: Answer | null, fault?: FaultKind): void {
    const { account, params, files, nowMs } = call;
    const lost = fault === 'sent_then_reset';
    account.calls.add((seq) => ({
      seq, time: nowMs, method: method.name, chat_id: chatId, params: kept(params),
      files: files.map(({ field, fileName, mimeType, bytes }) => ({ field, file_name: fileName, mime_type: mimeType, size: bytes.length })),
      status: lost ? null : (answer?.status ?? null),
      response: answer?.body ?? null,
      ...(fault !== undefined && { fault }),
    }));
    account.signals.notify('calls');
    this.meter.called(method.schema ? method.name : 'unknown', answer?.status ?? 0, (this.clock() - nowMs) / 1000);
  }
}

function check({ params, files }: Call, { schema }: CalledMethod): void {
  if (schema) checkCall(schema, params, files);
}

/** Parameters as the log keeps them: the few that are very long lose their end. */
function kept(params: Record<string, unknown>): Record<string, unknown> {
  const isLong = (value: unknown): value is string => typeof value === 'string' && value.length > CALL_PARAM_CHARS_KEPT_MAX;
  if (!Object.values(params).some(isLong)) return params;
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, isLong(value) ? `${value.slice(0, CALL_PARAM_CHARS_KEPT_MAX)}…` : value]));
}

function faultError(fault: Fault): ApiError {
  switch (fault.kind) {
    case '429': return tooManyRequests(fault.retryAfterS ?? 1);
    case '401': return new ApiError(401, fault.description ?? 'Unauthorized');
    case '403': return fault.description === undefined ? forbidden('bot was blocked by the user') : new ApiError(403, fault.description);
    case '400': return fault.description === undefined ? badRequest('chat not found') : new ApiError(400, fault.description);
    default: return new ApiError(500, fault.description ?? 'Internal Server Error');
  }
}

function pause(ms: number, abort: AbortSignal): Promise<void> {
  if (ms <= 0 || abort.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      abort.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    abort.addEventListener('abort', done);
  });
}
