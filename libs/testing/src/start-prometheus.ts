import { launch } from './launch.ts';
import { freePort } from './ports.ts';
import { prometheusRecipe } from './recipes/prometheus.ts';
import type { PrometheusOptions } from './recipes/prometheus.ts';

/** One series of an instant query. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds since 1970, and the number as text. */
  readonly value: readonly [number, string];
}

export interface TestPrometheus {
  readonly url: string;
  /** An instant query; rejects with what is wrong with it. */
  query(expression: string): Promise<readonly Sample[]>;
  /** `data` of any path of the API. */
  get<T>(path: string): Promise<T>;
  stop(): Promise<void>;
}

/** Prometheus in a temporary folder that reads the targets and evaluates the rules. `make chart-tools` builds it. */
export async function startPrometheus(options: Pick<PrometheusOptions, 'targets' | 'ruleFiles' | 'intervalSeconds'>): Promise<TestPrometheus> {
  const { details: { url }, stop } = await launch('prometheus', async (folder) => {
    const port = await freePort();
    return { recipe: prometheusRecipe({ folder, port, ...options }), details: { url: `http://127.0.0.1:${port}` } };
  });
  const get = async <T>(path: string): Promise<T> => {
    const { status, data, error } = (await (await fetch(`${url}/api/v1/${path}`)).json()) as { status: string; data: T; error?: string };
    if (status !== 'success') throw new Error(`Prometheus: ${error}`);
    return data;
  };
  return {
    url, get, stop,
    query: async (expression) => (await get<{ result: Sample[] }>(`query?query=${encodeURIComponent(expression)}`)).result,
  };
}
