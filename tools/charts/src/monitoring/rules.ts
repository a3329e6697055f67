import { stringify } from 'yaml';

interface Alert {
  readonly name: string;
  /** PromQL that is true while something is wrong. */
  readonly expression: string;
  /** How long it must be true: `5m`. */
  readonly lasting: string;
  readonly severity: 'critical' | 'warning';
  /** One sentence; may use $labels and $value. */
  readonly summary: string;
}

/** What wakes somebody up. Each has its runbook in docs/runbooks/ under its own name. */
export const ALERTS: readonly Alert[] = [
  { name: 'BotplaneDeadLetters', severity: 'warning', lasting: '5m', expression: 'max by (queue) (botplane_dlq_depth) > 10', summary: '{{ $value }} dead letters wait in the queue {{ $labels.queue }}.' },
  {
    name: 'BotplaneSlowAcknowledgement', severity: 'critical', lasting: '5m',
    expression: 'histogram_quantile(0.99, sum by (le) (rate(botplane_ingress_ack_seconds_bucket[5m]))) > 0.5',
    summary: 'One webhook in a hundred waits more than {{ $value | humanizeDuration }} until its update is on disk.',
  },
  { name: 'BotplaneLag', severity: 'critical', lasting: '10m', expression: 'max by (stream) (botplane_lag) > 1000', summary: '{{ $value }} messages of the stream {{ $labels.stream }} are not settled.' },
  {
    name: 'BotplaneSandboxHitRate', severity: 'warning', lasting: '15m',
    expression: 'sum(rate(botplane_runtime_isolates_total{start="warm"}[15m])) / sum(rate(botplane_runtime_isolates_total[15m])) < 0.75 and sum(rate(botplane_runtime_isolates_total[15m])) > 1',
    summary: 'Only {{ $value | humanizePercentage }} of the steps find their sandbox alive.',
  },
  {
    name: 'BotplaneSandboxKills', severity: 'warning', lasting: '0m',
    expression: 'sum by (reason) (increase(botplane_runtime_hosts_ended_total{reason=~"overrun|died"}[10m])) > 3',
    summary: '{{ $value | humanize }} sandbox hosts ended within ten minutes: {{ $labels.reason }}.',
  },
  {
    name: 'BotplaneLeaseFlapping', severity: 'warning', lasting: '0m',
    expression: 'sum by (name) (changes(leader_election_master_status[15m])) > 4 or count by (name) (max_over_time(leader_election_master_status[15m]) == 1) > 2',
    summary: 'The lease {{ $labels.name }} changes hands again and again.',
  },
  {
    name: 'BotplanePartitionsFlapping', severity: 'warning', lasting: '0m',
    expression: 'sum(increase(botplane_executor_claims_total{event="lost"}[15m])) > 10 or sum(increase(botplane_delivery_claims_total{event="lost"}[15m])) > 10',
    summary: '{{ $value | humanize }} partitions were lost to another process within fifteen minutes.',
  },
  {
    name: 'BotplaneWebhookErrors', severity: 'warning', lasting: '5m',
    expression: 'sum by (reason) (increase(botplane_ingress_refused_total[10m])) > 20',
    summary: '{{ $value | humanize }} updates were refused within ten minutes: {{ $labels.reason }}.',
  },
  {
    name: 'BotplaneWebhookNotRegistered', severity: 'warning', lasting: '10m',
    expression: 'max by (reason) (botplane_bot_conditions{condition="WebhookRegistered", status!="True", reason!~"PollingInstead|Suspended"}) > 0',
    summary: '{{ $value }} bots have no webhook: {{ $labels.reason }}.',
  },
  {
    name: 'BotplaneTokenTrouble', severity: 'warning', lasting: '5m',
    expression: 'max by (reason) (botplane_bot_conditions{condition="Ready", status!="True", reason=~"Token.+"}) > 0',
    summary: '{{ $value }} bots have trouble with their token: {{ $labels.reason }}.',
  },
  {
    name: 'BotplaneCertificateExpires', severity: 'critical', lasting: '1h',
    expression: 'min by (certificate) (botplane_certificate_not_after_seconds) - time() < 14 * 86400',
    summary: 'The certificate {{ $labels.certificate }} ends in {{ $value | humanizeDuration }}.',
  },
];

/** The same names for every service: requests and errors per second, their 99th percentile, and work in hand. */
const COMMON: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'component:botplane_requests:rate5m': {
    ingress: 'sum(rate(botplane_ingress_updates_total[5m])) + (sum(rate(botplane_ingress_refused_total[5m])) or vector(0))',
    executor: 'sum(rate(botplane_executor_updates_total[5m]))',
    runtime: 'sum(rate(botplane_runtime_runs_total[5m]))',
    delivery: 'sum(rate(botplane_delivery_calls_total[5m]))',
    api: 'sum(rate(botplane_api_request_seconds_count[5m]))',
    operator: 'sum(rate(controller_runtime_reconcile_total[5m]))',
  },
  'component:botplane_errors:rate5m': {
    ingress: 'sum(rate(botplane_ingress_refused_total[5m])) or vector(0)',
    executor: 'sum(rate(botplane_executor_updates_total{outcome=~"failed|dlq"}[5m])) or vector(0)',
    runtime: 'sum(rate(botplane_runtime_runs_total{outcome!="ok"}[5m])) or vector(0)',
    delivery: 'sum(rate(botplane_delivery_dead_letters_total[5m])) or vector(0)',
    api: 'sum(rate(botplane_api_request_seconds_count{status=~"5.."}[5m])) or vector(0)',
    operator: 'sum(rate(controller_runtime_reconcile_errors_total[5m])) or vector(0)',
  },
  'component:botplane_duration_seconds:p99_5m': {
    ingress: quantile('botplane_ingress_ack_seconds'),
    executor: quantile('botplane_executor_update_seconds'),
    runtime: quantile('botplane_runtime_step_seconds'),
    delivery: quantile('botplane_delivery_call_seconds'),
    api: quantile('botplane_api_request_seconds'),
    operator: quantile('controller_runtime_reconcile_time_seconds'),
  },
  'component:botplane_in_flight:sum': {
    ingress: 'sum(botplane_ingress_updates_in_flight)',
    executor: 'sum(botplane_executor_running_updates)',
    runtime: 'sum(botplane_runtime_calls_in_hand)',
    delivery: 'sum(botplane_delivery_calls_in_hand)',
    operator: 'sum(controller_runtime_active_workers)',
  },
};

function quantile(histogram: string): string {
  return `histogram_quantile(0.99, sum by (le) (rate(${histogram}_bucket[5m])))`;
}

const RUNBOOKS = 'docs/runbooks';

/** `groups` of Prometheus rules: the common names, then alerts. */
export function rulesYaml(): string {
  const common = Object.entries(COMMON).flatMap(([record, components]) => Object.entries(components).map(([component, expr]) => ({ record, labels: { component }, expr })));
  const alerts = ALERTS.map(({ name, expression, lasting, severity, summary }) => ({
    alert: name, expr: expression, for: lasting, labels: { severity }, annotations: { summary, runbook: `${RUNBOOKS}/${name}.md` },
  }));
  const groups = [{ name: 'botplane-common', rules: common }, { name: 'botplane-alerts', rules: alerts }];
  return `# Written by \`make generate\` from tools/charts/src/monitoring/rules.ts.\n${stringify({ groups }, { lineWidth: 0 })}`;
}
