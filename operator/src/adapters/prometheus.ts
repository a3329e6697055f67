import { PROMETHEUS_ANSWER_BYTES_MAX, PROMETHEUS_MS_MAX } from '../limits.ts';

/** One number, or why there is none. */
export type QueryAnswer = { value: number } | { problem: string };

/** Asks the Prometheus of the install. Never throws. */
export class Prometheus {
  private readonly url: string | undefined;
  private readonly msMax: number;

  constructor(url: string | undefined, msMax = PROMETHEUS_MS_MAX) {
    this.url = url;
    this.msMax = msMax;
  }

  async query(query: string): Promise<QueryAnswer> {
    if (this.url === undefined) return { problem: 'the install names no Prometheus (BOTPLANE_PROMETHEUS_URL)' };
    try {
      const response = await fetch(`${this.url.replace(/\/$/, '')}/api/v1/query`, {
        method: 'POST', body: new URLSearchParams({ query, timeout: `${this.msMax}ms` }), signal: AbortSignal.timeout(this.msMax), redirect: 'error',
      });
      const text = await readLimited(response);
      if (text === undefined) return { problem: 'Prometheus answered more than fits one number' };
      return response.ok ? readAnswer(text) : { problem: `Prometheus answered ${response.status}${errorOf(text)}` };
    } catch {
      return { problem: 'Prometheus does not answer' };
    }
  }
}

async function readLimited(response: Response): Promise<string | undefined> {
  const reader = response.body?.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    bytes += part.value.byteLength;
    if (bytes > PROMETHEUS_ANSWER_BYTES_MAX) {
      await reader?.cancel();
      return undefined;
    }
    chunks.push(part.value);
  }
  return Buffer.concat(chunks).toString('utf8');
}

interface ApiAnswer {
  error?: string;
  data?: { resultType?: string; result?: unknown };
}

/** A scalar, or a vector of one sample. */
function readAnswer(text: string): QueryAnswer {
  const { data } = JSON.parse(text) as ApiAnswer;
  const { resultType, result } = data ?? {};
  if (resultType === 'scalar') return numberOf((result as unknown[])[1]);
  if (resultType !== 'vector' || !Array.isArray(result)) return { problem: 'the query gives no number' };
  if (result.length !== 1) return { problem: `the query gives ${result.length} series, not one` };
  return numberOf((result[0] as { value?: unknown[] }).value?.[1]);
}

function numberOf(value: unknown): QueryAnswer {
  const number = typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? { value: number } : { problem: 'the query gives no finite number' };
}

function errorOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as ApiAnswer;
    return error === undefined ? '' : `: ${error.slice(0, 120)}`;
  } catch {
    return '';
  }
}
