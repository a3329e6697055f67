import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolPath } from '@botplane/bootstrap';
import { httpAnswers } from '../checks.ts';
import type { ProcessRecipe } from '../recipe.ts';

/** One address whose `/metrics` is read, with the labels that monitors of a cluster would give it. */
export interface ScrapeTarget {
  /** `127.0.0.1:8080` */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PrometheusOptions {
  readonly folder: string;
  readonly port: number;
  readonly targets: readonly ScrapeTarget[];
  /** Paths of rule files. */
  readonly ruleFiles: readonly string[];
  /** How often metrics are read and rules evaluated, seconds. */
  readonly intervalSeconds: number;
}

/** Prometheus on loopback; labels of metrics win over those of targets, as in the monitors of the chart. */
export function prometheusRecipe(options: PrometheusOptions): ProcessRecipe {
  const { folder, port } = options;
  const configFile = join(folder, 'prometheus.json');
  return {
    name: 'prometheus',
    command: toolPath('prometheus'),
    args: [`--config.file=${configFile}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'],
    cwd: folder,
    prepare: async () => {
      await mkdir(folder, { recursive: true });
      await writeFile(configFile, configOf(options));
    },
    ready: () => httpAnswers(`http://127.0.0.1:${port}/-/ready`),
  };
}

/** JSON is YAML. */
function configOf({ targets, ruleFiles, intervalSeconds }: PrometheusOptions): string {
  const interval = `${intervalSeconds}s`;
  return JSON.stringify({
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    rule_files: ruleFiles,
    scrape_configs: [{ job_name: 'botplane', honor_labels: true, static_configs: targets.map(({ address, labels }) => ({ targets: [address], labels })) }],
  });
}
