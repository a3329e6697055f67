// Writes docs/metrics.md from the sources of all services; run by `make generate`. Apart from generate.ts, which needs the charts only.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsDoc } from '../src/monitoring/metrics-doc.ts';

writeFileSync(join(import.meta.dirname, '../../../docs/metrics.md'), metricsDoc());
