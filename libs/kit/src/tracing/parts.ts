import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { TracingConfig } from './config.ts';

/** What tracing is made from. */
export interface TracingParts {
  readonly config: TracingConfig;
  /** Name of the service; traces call it `botplane-<service>`. */
  readonly service: string;
  /** Name of this process among those of the service. */
  readonly instance: string;
  readonly metrics: Metrics;
  readonly log: Log;
}
