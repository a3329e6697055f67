/** Where this library logs. A pino logger fits as it is. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Where this library counts. Bind {@link METRICS} to prom-client once, in the process that owns the registry. */
export interface MetricsPort {
  /** Adds to a counter. */
  increment(name: MetricName, labels: Record<string, string>, by?: number): void;
  /** Sets a gauge. */
  set(name: MetricName, labels: Record<string, string>, value: number): void;
  /** Observes a value in a histogram. */
  observe(name: MetricName, labels: Record<string, string>, value: number): void;
}

interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

/** All metrics of this library, named as controller-runtime names them, so that stock dashboards work. */
export const METRICS = {
  controller_runtime_reconcile_total: { type: 'counter', help: 'Reconciles by controller and result (success, error, requeue_after).', labels: ['controller', 'result'] },
  controller_runtime_reconcile_errors_total: { type: 'counter', help: 'Reconciles that failed.', labels: ['controller'] },
  controller_runtime_terminal_reconcile_errors_total: { type: 'counter', help: 'Reconciles that failed and are not tried again.', labels: ['controller'] },
  controller_runtime_reconcile_timeouts_total: { type: 'counter', help: 'Reconciles that ran into their time limit.', labels: ['controller'] },
  controller_runtime_reconcile_time_seconds: { type: 'histogram', help: 'Length of a reconcile.', labels: ['controller'] },
  controller_runtime_max_concurrent_reconciles: { type: 'gauge', help: 'Reconciles that may run at once.', labels: ['controller'] },
  controller_runtime_active_workers: { type: 'gauge', help: 'Reconciles running now.', labels: ['controller'] },
  workqueue_depth: { type: 'gauge', help: 'Keys waiting.', labels: ['name', 'controller'] },
  workqueue_adds_total: { type: 'counter', help: 'Keys added.', labels: ['name', 'controller'] },
  workqueue_retries_total: { type: 'counter', help: 'Keys added again after a failure.', labels: ['name', 'controller'] },
  workqueue_queue_duration_seconds: { type: 'histogram', help: 'Time a key waits before it is taken.', labels: ['name', 'controller'] },
  workqueue_work_duration_seconds: { type: 'histogram', help: 'Time from taking a key to finishing it.', labels: ['name', 'controller'] },
  workqueue_unfinished_work_seconds: { type: 'gauge', help: 'Sum of the ages of running reconciles.', labels: ['name', 'controller'] },
  workqueue_longest_running_processor_seconds: { type: 'gauge', help: 'Age of the oldest running reconcile.', labels: ['name', 'controller'] },
  rest_client_requests_total: { type: 'counter', help: 'Answers of the API server by status code ("<error>" when there was none).', labels: ['code', 'method', 'host'] },
  rest_client_request_duration_seconds: { type: 'histogram', help: 'Time to the answer of the API server.', labels: ['verb', 'host'] },
  reflector_lists_total: { type: 'counter', help: 'Lists, the first and every relist.', labels: ['kind'] },
  reflector_watches_total: { type: 'counter', help: 'Watches opened.', labels: ['kind'] },
  reflector_failures_total: { type: 'counter', help: 'Lists and watches that failed.', labels: ['kind'] },
  reflector_missed_events_total: { type: 'counter', help: 'Changes a relist found that no watch had brought.', labels: ['kind'] },
  reflector_objects: { type: 'gauge', help: 'Objects in the store.', labels: ['kind'] },
  leader_election_master_status: { type: 'gauge', help: '1: this process leads; 0: it stands by.', labels: ['name'] },
  events_discarded_total: { type: 'counter', help: 'Kubernetes Events not written: too many waiting, too many about one object, or refused.', labels: ['reason'] },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;

/** Logs nothing. */
export const SILENT_LOGGER: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Counts nothing. */
export const NO_METRICS: MetricsPort = { increment() {}, set() {}, observe() {} };
