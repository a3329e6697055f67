/** JetStream streams and their subjects (design section 4). */
export const STREAMS = {
  updates: 'UPDATES',
  /** Queries that are worth something for seconds only; each is gone once it is answered. */
  urgent: 'URGENT',
  outbound: 'OUTBOUND',
  timers: 'TIMERS',
  events: 'EVENTS',
  /** Messages of bots with meta.retention, on their way to Postgres; each is gone once it is written. */
  messages: 'MESSAGES',
  dlq: 'DLQ',
} as const;

/** KV buckets. */
export const BUCKETS = {
  /** `partitions`: number of update partitions of this install. */
  meta: 'meta',
  /** `<botId>` → RouteRecord. Written by the operator only. */
  routes: 'routes',
  /** `<namespace>_<name>` of a pool or Dedicated revision → RuntimeRecord. Written by the operator only. */
  runtimes: 'runtimes',
  /** `<botId>.token` → Envelope of TokenSecret; `<botId>.secrets.<revision>` → Envelope of {name: value}. Written by the operator only. */
  credentials: 'credentials',
  /** `<telegram bot id>` → TokenClaim. Written by the operator only. */
  tokens: 'tokens',
  /** `<stream>.<p>` → OwnerRecord. */
  owners: 'owners',
  /** `<botId>.<stateKey>` → ChatRecord. Written by the partition's owner only. */
  chatState: 'chat-state',
  /** `<botId>.<chat>` → SentRecord, `<botId>.bot` → SentBotRecord. Written by delivery's owner only. */
  sent: 'sent',
  /** Calls to many chats: records, audiences and progress (campaigns.ts). Written by services/api; outcomes by delivery's owner. */
  campaigns: 'campaigns',
  /** Results of non-GET apiCalls, 1 h. */
  calls: 'calls',
} as const;

export const subjects = {
  update: (partition: number, botId: string): string => `updates.${partition}.${botId}`,
  updatesOf: (partition: number): string => `updates.${partition}.>`,
  /** Headers as on `updates.<p>.<botId>`. */
  urgent: (botId: string): string => `urgent.${botId}`,
  urgentAll: 'urgent.>',
  outbound: (lane: 'reply' | 'bulk' | 'paid', partition: number, botId: string): string => `out.${lane}.${partition}.${botId}`,
  timerAt: (partition: number, botId: string, key: string): string => `timers.at.${partition}.${botId}.${key}`,
  timerDue: (partition: number, botId: string): string => `timers.due.${partition}.${botId}`,
  dlqIn: (botId: string): string => `dlq.in.${botId}`,
  dlqOut: (botId: string): string => `dlq.out.${botId}`,
  dlqJobs: (queue: string): string => `dlq.jobs.${queue}`,
  messages: (botId: string): string => `messages.${botId}`,
  messagesAll: 'messages.>',
  /** RevisionStats, once a second from each executor, and from delivery for each dead letter; core NATS, kept nowhere. */
  revisionStats: 'stats.revisions',
  /** Past tense, e.g. `bot.flow.started.v1`. */
  event: (name: string): string => `events.${name}`,
} as const;

/** Kinds of updates that go to `urgent.<botId>`; requests to join do when they bring a query_id. */
export const URGENT_KINDS = ['pre_checkout_query', 'shipping_query', 'inline_query'] as const;

/** Headers of messages on `updates.<p>.<botId>`. */
export const HEADERS = {
  orderKey: 'Botplane-Order-Key',
  stateKey: 'Botplane-State-Key',
  kind: 'Botplane-Kind',
  /** Absent on timers and job results. */
  updateId: 'Botplane-Update-Id',
  /** When ingress accepted the update, ms since the epoch. */
  acceptedMs: 'Botplane-Accepted-Ms',
} as const;

/** Message id of an update, for the stream's duplicate window. */
export const updateMessageId = (botId: string, updateId: number): string => `${botId}:${updateId}`;
/** Message id of the one call that answers an urgent update. */
export const urgentAnswerId = (botId: string, updateId: number): string => `${botId}:urgent:${updateId}`;
/** Message id of the n-th outbox entry of the update with this stream sequence. */
export const outboxMessageId = (botId: string, seq: number, n: number): string => `${botId}:${seq}:${n}`;
