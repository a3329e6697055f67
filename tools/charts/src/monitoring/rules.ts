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

/** Counts of one event of executors and deliveries, each with its component. */
const claims = (event: string): string =>
  ['executor', 'delivery'].map((component) => `label_replace(increase(botplane_${component}_claims_total{event="${event}"}[15m]), "component", "${component}", "", "")`).join(' or ');

const ISOLATES = 'sum by (namespace) (rate(botplane_runtime_isolates_total[15m]))';

/** What wakes somebody up. Each has its runbook in docs/runbooks/ under its own name. */
export const ALERTS: readonly Alert[] = [
  { name: 'BotplaneTargetDown', severity: 'critical', lasting: '5m', expression: 'up{job=~"botplane-.+"} == 0', summary: '{{ $labels.job }} ({{ $labels.pod }}) does not answer Prometheus.' },
  { name: 'BotplaneDeadLetters', severity: 'warning', lasting: '5m', expression: 'max by (namespace, queue) (botplane_dlq_depth) > 10', summary: '{{ $value }} dead letters wait in the queue {{ $labels.queue }}.' },
  {
    name: 'BotplaneSlowAcknowledgement', severity: 'critical', lasting: '5m',
    expression: `${quantile('botplane_ingress_ack_seconds')} > 0.5`,
    summary: 'One webhook in a hundred waits more than {{ $value | humanizeDuration }} until its update is on disk.',
  },
  { name: 'BotplaneLag', severity: 'critical', lasting: '10m', expression: 'max by (namespace, stream) (botplane_lag) > 1000', summary: '{{ $value }} messages of the stream {{ $labels.stream }} are not settled.' },
  {
    name: 'BotplaneSandboxHitRate', severity: 'warning', lasting: '15m',
    expression: `sum by (namespace) (rate(botplane_runtime_isolates_total{start="warm"}[15m])) / ${ISOLATES} < 0.75 and ${ISOLATES} > 1`,
    summary: 'Only {{ $value | humanizePercentage }} of the steps find their sandbox alive.',
  },
  {
    name: 'BotplaneSandboxKills', severity: 'warning', lasting: '0m',
    expression: 'sum by (namespace, reason) (increase(botplane_runtime_hosts_ended_total{reason=~"overrun|died"}[10m])) > 3',
    summary: '{{ $value | humanize }} sandbox hosts ended within ten minutes: {{ $labels.reason }}.',
  },
  {
    // A rollout of two operators has three leaders: the old one, the old standby, a new one.
    name: 'BotplaneLeaseFlapping', severity: 'warning', lasting: '0m',
    expression: 'sum by (namespace, name) (changes(leader_election_master_status[15m])) > 4 or count by (namespace, name) (max_over_time(leader_election_master_status[15m]) == 1) > 3',
    summary: 'The lease {{ $labels.name }} changes hands again and again.',
  },
  {
    name: 'BotplanePartitionsFlapping', severity: 'warning', lasting: '0m',
    expression: `sum by (namespace, component) (${claims('lost')}) > 10`,
    summary: '{{ $labels.component }}: {{ $value | humanize }} partitions were lost to another process within fifteen minutes.',
  },
  {
    name: 'BotplaneWebhookErrors', severity: 'warning', lasting: '5m',
    expression: 'sum by (namespace, reason) (increase(botplane_ingress_refused_total[10m])) > 20',
    summary: '{{ $value | humanize }} updates were refused within ten minutes: {{ $labels.reason }}.',
  },
  {
    name: 'BotplaneWebhookNotRegistered', severity: 'warning', lasting: '10m',
    expression: 'max by (namespace, reason) (botplane_bot_conditions{condition="WebhookRegistered", status!="True", reason!~"PollingInstead|Suspended"}) > 0',
    summary: '{{ $value }} bots have no webhook: {{ $labels.reason }}.',
  },
  {
    name: 'BotplaneTokenTrouble', severity: 'warning', lasting: '5m',
    expression: 'max by (namespace, reason) (botplane_bot_conditions{condition="Ready", status!="True", reason=~"Token.+"}) > 0',
    summary: '{{ $value }} bots have trouble with their token: {{ $labels.reason }}.',
  },
  {
    name: 'BotplaneCertificateExpires', severity: 'critical', lasting: '1h',
    expression: 'min by (namespace, certificate) (botplane_certificate_not_after_seconds) - time() < 14 * 86400',
    summary: 'The certificate {{ $labels.certificate }} ends in {{ $value | humanizeDuration }}.',
  },
];

/** The same names for every service: requests and errors per second, their 99th percentile, and work in hand. */
export const COMMON: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'component:botplane_requests:rate5m': {
    ingress: `${rate('botplane_ingress_updates_total')} + ${rate('botplane_ingress_refused_total')}`,
    executor: rate('botplane_executor_updates_total'),
    runtime: rate('botplane_runtime_runs_total'),
    delivery: rate('botplane_delivery_calls_total'),
    api: orZero(rate('botplane_api_request_seconds_count'), 'botplane_api_requests_in_flight'),
    operator: rate('controller_runtime_reconcile_total'),
  },
  'component:botplane_errors:rate5m': {
    ingress: rate('botplane_ingress_refused_total'),
    executor: rate('botplane_executor_updates_total', '{outcome=~"failed|dlq"}'),
    runtime: rate('botplane_runtime_runs_total', '{outcome!="ok"}'),
    delivery: rate('botplane_delivery_dead_letters_total'),
    api: orZero(rate('botplane_api_request_seconds_count', '{status=~"5.."}'), 'botplane_api_requests_in_flight'),
    operator: rate('controller_runtime_reconcile_errors_total'),
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
    ingress: 'sum by (namespace) (botplane_ingress_updates_in_flight)',
    executor: 'sum by (namespace) (botplane_executor_updates_in_flight)',
    runtime: 'sum by (namespace) (botplane_runtime_calls_in_flight)',
    delivery: 'sum by (namespace) (botplane_delivery_calls_in_flight)',
    api: 'sum by (namespace) (botplane_api_requests_in_flight)',
    operator: 'sum by (namespace) (controller_runtime_active_workers)',
  },
};

function rate(counter: string, selector = ''): string {
  return `sum by (namespace) (rate(${counter}${selector}[5m]))`;
}

/** For series that begin with the first event: zero while the gauge tells that the service is there. */
function orZero(expression: string, gauge: string): string {
  return `${expression} or 0 * sum by (namespace) (${gauge})`;
}

function quantile(histogram: string): string {
  return `histogram_quantile(0.99, sum by (namespace, le) (rate(${histogram}_bucket[5m])))`;
}

/** Where runbooks lie in the repository; the chart puts the address of yours before the name. */
export const RUNBOOKS = 'docs/runbooks';

/** `groups` of Prometheus rules: the common names, then alerts. */
export function rulesYaml(): string {
  const common = Object.entries(COMMON).flatMap(([record, components]) => Object.entries(components).map(([component, expr]) => ({ record, labels: { component }, expr })));
  const alerts = ALERTS.map(({ name, expression, lasting, severity, summary }) => ({
    alert: name, expr: expression, for: lasting, labels: { severity }, annotations: { summary, runbook_url: `${RUNBOOKS}/${name}.md` },
  }));
  const groups = [{ name: 'botplane-common', rules: common }, { name: 'botplane-alerts', rules: alerts }];
  return `# Written by \`make generate\` from tools/charts/src/monitoring/rules.ts.\n${stringify({ groups }, { lineWidth: 0 })}`;
}
