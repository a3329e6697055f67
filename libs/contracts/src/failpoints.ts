/**
 * Points between receive and acknowledgement at which chaos runs crash a service (`BOTPLANE_FAILPOINTS`), in the order in which a
 * message passes them.
 */
export const FAILPOINTS = {
  executor: [
    'after-receive', 'before-run', 'after-call-kept', 'after-run', 'after-failed-try', 'before-commit', 'after-commit', 'after-timers', 'between-entries', 'after-publish', 'before-ack',
  ],
  delivery: ['after-receive', 'before-send', 'after-freeze', 'after-send', 'after-dead-letter', 'after-kept-message', 'after-sent-record', 'before-ack'],
} as const;

export type ExecutorFailpoint = (typeof FAILPOINTS.executor)[number];
export type DeliveryFailpoint = (typeof FAILPOINTS.delivery)[number];
