import { NAMESPACE, chosen, lines, p99By, percentiles, rate } from './model.ts';
import type { Dashboard } from './model.ts';

/** Calls out to the Bot API. */
export const DELIVERY: Dashboard = {
  slug: 'delivery', title: 'Botplane / Delivery', description: 'Bot API calls on their way to Telegram.', variables: [NAMESPACE],
  rows: [
    {
      title: 'Calls',
      panels: [
        lines('Calls by lane', 'ops', 'Replies, campaigns (bulk) and paid broadcasts.', { '{{lane}}': rate('botplane_delivery_calls_total', 'lane') }),
        lines('Calls by outcome', 'ops', 'What became of calls; all but `sent` were not done, by Telegram\'s word.', { '{{outcome}}': rate('botplane_delivery_calls_total', 'outcome') }),
        lines('Time of a request', 's', 'One request to the Bot API.', percentiles('botplane_delivery_call_seconds')),
        lines('From update to answer, p99', 's', 'By lane; campaigns wait for Telegram\'s limits.', p99By('botplane_delivery_end_to_end_seconds', 'lane')),
        lines('Lag', 'short', 'Reply calls that are not settled.', { replies: `max(botplane_lag${chosen('stream="outbound"')})` }, { threshold: { at: 1000 }, alert: 'BotplaneLag' }),
        lines('In flight', 'short', 'Calls that a pod has in hand.', { '{{pod}}': `sum by (pod) (botplane_delivery_calls_in_flight${chosen()})` }),
      ],
    },
    {
      title: 'Telegram\'s limits',
      panels: [
        lines('Frozen', 'short', 'Chats and bots that wait after a 429.', { frozen: `sum(botplane_delivery_frozen${chosen()})` }),
        lines('Freezes', 'ops', '429 answers, by what was frozen.', { '{{scope}}': rate('botplane_delivery_freezes_total', 'scope') }),
        lines('Tries again', 'ops', 'Tries that were not the last one.', { '{{reason}}': rate('botplane_delivery_retries_total', 'reason') }),
      ],
    },
    {
      title: 'Trouble',
      panels: [
        lines('Dead letters', 'ops', 'Calls that were given up.', { '{{reason}}': rate('botplane_delivery_dead_letters_total', 'reason') }, { alert: 'BotplaneDeadLetters' }),
        lines('Dead letters that wait', 'short', 'In the queue of calls.', { calls: `max(botplane_dlq_depth${chosen('queue="out"')})` }, { threshold: { at: 10 }, alert: 'BotplaneDeadLetters' }),
        lines('Lost answers', 'ops', 'Requests that may have been done although nobody said so: a message may be there twice.', { ambiguous: rate('botplane_delivery_ambiguous_total') }),
        lines('Partitions owned', 'short', '16 in all.', { '{{pod}}': `sum by (pod) (botplane_delivery_partitions_owned${chosen()})` }, { max: 16, alert: 'BotplanePartitionsFlapping' }),
        lines('Changes of ownership', 'ops', 'Claimed, released, lost to another process, failed.', { '{{event}}': rate('botplane_delivery_claims_total', 'event') }, { alert: 'BotplanePartitionsFlapping' }),
        lines('Replays', 'ops', 'Dead letters that somebody had tried again.', { '{{outcome}}': rate('botplane_dlq_replays_total', 'outcome') }),
      ],
    },
  ],
};
