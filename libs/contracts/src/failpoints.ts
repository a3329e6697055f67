/**
 * Points between receive and acknowledgement at which chaos runs crash a service (`BOTPLANE_FAILPOINTS`), in the order in which a
 * message passes them.
 */
export const FAILPOINTS = {
  executor: ['after-receive', 'before-run', 'after-run', 'before-commit', 'after-commit', 'after-publish', 'before-ack'],
  delivery: ['after-receive', 'before-send', 'after-send', 'after-sent-record', 'before-ack'],
} as const;

export type ExecutorFailpoint = (typeof FAILPOINTS.executor)[number];
export type DeliveryFailpoint = (typeof FAILPOINTS.delivery)[number];
