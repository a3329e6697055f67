import type { BotSpec, LocalRunsOptions } from '@botplane/botspec';
import type { Io } from './io.ts';

/** Answers `apiCall` offline from the `api:` of the spec's tests, and tells of each call. */
export function answersOf(spec: () => BotSpec, io: Io): LocalRunsOptions['api'] {
  return (call) => {
    const answers = (spec().tests ?? []).flatMap((test) => test.api ?? []);
    const answer = answers.find(({ method, url }) => (method ?? 'GET') === call.method && url === call.url);
    io.err(`  · ${call.method} ${call.url}${answer ? '' : ': nothing answers offline (an `api:` of a test would)'}`);
    if (!answer) return { ok: false, code: 'network' };
    return answer.error === undefined ? { ok: true, status: answer.status ?? 200, headers: answer.headers ?? {}, body: answer.json ?? null } : { ok: false, code: answer.error };
  };
}
