import { randomUUID } from 'node:crypto';
import { LOG_LEVELS, envInt, envUrl, httpEnv, loadConfig as load, natsEnv, runtimeTlsEnv, s3Env, secretsKeyEnv, tokenKeyEnv } from '@botplane/kit/plain';
import type { Environment } from '@botplane/kit/plain';
import { z } from 'zod';

const schema = z.object({
  ...httpEnv,
  ...natsEnv,
  ...s3Env,
  ...tokenKeyEnv,
  ...secretsKeyEnv,
  ...runtimeTlsEnv,
  /** Path of a kubeconfig. Left out: the pod's service account. */
  KUBECONFIG: z.string().optional(),
  /** Namespace where Botplane is installed: home of the BotRuntime `default` and of the executors. */
  BOTPLANE_NAMESPACE: z.string().min(1).default('botplane-system'),
  /** Image of runtime pods. */
  BOTPLANE_RUNTIME_IMAGE: z.string().min(1),
  /** What runtime pods log at least. Apart from LOG_LEVEL: to look closer at the operator must not restart all pools. */
  BOTPLANE_RUNTIME_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  /** Root of the Bot API. */
  BOTPLANE_TELEGRAM_API: envUrl('http', 'https').default('https://api.telegram.org'),
  /** Public root of ingress; a bot's webhook is `<this>/wh/<botId>`. */
  BOTPLANE_WEBHOOK_URL: envUrl('http', 'https'),
  /** Port of the validating webhook (HTTPS, on HOST). Left out: there is none, and errors are told in conditions only. */
  BOTPLANE_ADMISSION_PORT: envInt(0, 65_535).optional(),
  /** How kube-apiserver reaches the webhook: an https URL. Left out: the Service below. */
  BOTPLANE_ADMISSION_URL: envUrl('https').optional(),
  /** Service of the webhook in BOTPLANE_NAMESPACE, port 443. */
  BOTPLANE_ADMISSION_SERVICE: z.string().min(1).default('botplane-operator-admission'),
  /** Root of the Prometheus that the analysis of rollouts may ask, e.g. http://prometheus.monitoring:9090. Left out: queries have no answer. */
  BOTPLANE_PROMETHEUS_URL: envUrl('http', 'https').optional(),
  /** Bots of which metrics are told by name, at most; 0: none. */
  BOTPLANE_BOT_METRICS_MAX: envInt(0, 100_000).default(1_000),
  /** How often the webhook of each bot is looked at: one that another program overwrote or removed is noticed within this. */
  BOTPLANE_WEBHOOK_CHECK_S: envInt(1, 86_400).default(600),
  /** How long a deleted Bot stays while its clean-up fails; then it goes, and what is left to do at Telegram is tried for a day. */
  BOTPLANE_CLEANUP_S_MAX: envInt(1, 3_600).default(60),
  /** Cluster: Bots of all namespaces. Namespace: only those of BOTPLANE_NAMESPACE, with rights in that namespace only. */
  BOTPLANE_SCOPE: z.enum(['Cluster', 'Namespace']).default('Cluster'),
  /**
   * Names this process in Events and in the Lease; the pod's name. A process that starts under the name of the present leader takes over at once, as a
   * restarted container may: two that run at the same time must never share it. Left out: a name that nobody has.
   */
  POD_NAME: z.string().min(1).default(() => `operator-${randomUUID()}`),
  /** For tests: names of points at which the process ends once, see failpoints.ts. */
  BOTPLANE_FAILPOINTS: z.string().default(''),
  /** Where it is remembered which failpoints were met. */
  BOTPLANE_FAILPOINT_DIR: z.string().optional(),
});

/** Settings of the operator. */
export type Config = Readonly<z.output<typeof schema>>;

/** Reads the environment; prints every problem and exits with 1 when it cannot be used. */
export const loadConfig = (env: Environment = process.env): Config => load(schema, env);
