import { NAMESPACE, chosen, lines, number, percentiles, rate } from './model.ts';
import type { Dashboard } from './model.ts';

const common = (name: string): string => `sum by (component) (component:botplane_${name}${chosen()})`;
/** Every operator reports the same; so does every api. */
const conditions = (matcher: string): string => `sum(max by (namespace, reason) (botplane_bot_conditions${chosen('condition="Ready"', matcher)})) or vector(0)`;
const process = (metric: string): string => `max by (job, pod) (${metric}${chosen('job=~"botplane-.+"')})`;

/** First look: is everything well, and if not, where? */
export const OVERVIEW: Dashboard = {
  slug: 'overview', title: 'Botplane / Overview', description: 'Is everything well, and if not, which part is it?', variables: [NAMESPACE],
  rows: [
    {
      title: 'Now',
      panels: [
        number('Alerts', 'short', 'Alerts of Botplane that fire.', { alerts: 'count(ALERTS{alertname=~"Botplane.+", alertstate="firing"}) or vector(0)' }, { threshold: { at: 1 } }),
        number('Pods without answer', 'short', 'Pods whose metrics Prometheus cannot read.', { pods: `count(up${chosen('job=~"botplane-.+"')} == 0) or vector(0)` }, { threshold: { at: 1 }, alert: 'BotplaneTargetDown' }),
        number('Bots ready', 'short', 'Bots that serve.', { bots: conditions('status="True"') }),
        number('Bots not ready', 'short', 'Bots that do not serve, or not as their manifest says.', { bots: conditions('status!="True"') }, { threshold: { at: 1 }, alert: 'BotplaneTokenTrouble' }),
        number('Lag', 'short', 'Updates and reply calls that are not settled.', { '{{stream}}': `max by (stream) (botplane_lag${chosen()})` }, { threshold: { at: 1000 }, alert: 'BotplaneLag' }),
        number('Dead letters', 'short', 'What was given up and waits for somebody to look.', { '{{queue}}': `max by (queue) (botplane_dlq_depth${chosen()})` }, { threshold: { at: 10 }, alert: 'BotplaneDeadLetters' }),
      ],
    },
    {
      title: 'Every component: requests, errors, duration, saturation',
      panels: [
        lines('Requests', 'ops', 'Updates, steps, calls, requests and reconciles per second. A component that is slower than the one before it holds up the others.', { '{{component}}': common('requests:rate5m') }, { alert: 'BotplaneLag' }),
        lines('Errors', 'ops', 'Of these, those that failed. Steps fail by the fault of bots, too.', { '{{component}}': common('errors:rate5m') }),
        lines('Duration, p99', 's', 'Nearly all are faster than this.', { '{{component}}': `max by (component) (component:botplane_duration_seconds:p99_5m${chosen()})` }),
        lines('In flight', 'short', 'Work that each component has in hand.', { '{{component}}': common('in_flight:sum') }),
        lines('Lag', 'short', 'Work that waits or is being done, over all partitions.', { '{{stream}}': `max by (stream) (botplane_lag${chosen()})` }, { threshold: { at: 1000 }, alert: 'BotplaneLag' }),
        lines('Partitions owned', 'short', 'All 64 of UPDATES and all 16 of OUTBOUND have an owner.', { updates: `sum(botplane_executor_partitions_owned${chosen()})`, outbound: `sum(botplane_delivery_partitions_owned${chosen()})` }, { alert: 'BotplanePartitionsFlapping' }),
      ],
    },
    {
      title: 'Updates on their way',
      panels: [
        lines('From update to answer', 's', 'From accepting an update to Telegram\'s answer to the reply.', percentiles('botplane_delivery_end_to_end_seconds', 'lane="reply"')),
        lines('Acknowledgement', 's', 'Until an update is on disk; Telegram waits for it.', percentiles('botplane_ingress_ack_seconds'), { threshold: { at: 0.5 }, alert: 'BotplaneSlowAcknowledgement' }),
        lines('Updates by outcome', 'ops', 'How executors settled updates.', { '{{outcome}}': rate('botplane_executor_updates_total', 'outcome') }),
        lines('Refused requests', 'ops', 'What ingress did not take, by reason.', { '{{reason}}': rate('botplane_ingress_refused_total', 'reason') }, { alert: 'BotplaneWebhookErrors' }),
        lines('Tries again', 'ops', 'Tries of executors that did not settle an update.', { '{{reason}}': rate('botplane_executor_retries_total', 'reason') }),
        lines('Given up', 'ops', 'Updates and calls that went to the dead letters.', { 'updates: {{reason}}': rate('botplane_executor_dead_letters_total', 'reason'), 'calls: {{reason}}': rate('botplane_delivery_dead_letters_total', 'reason') }, { alert: 'BotplaneDeadLetters' }),
      ],
    },
    {
      title: 'Processes',
      panels: [
        lines('CPU', 'short', 'Cores in use.', { '{{job}} {{pod}}': `sum by (job, pod) (rate(process_cpu_seconds_total${chosen('job=~"botplane-.+"')}[$__rate_interval]))` }),
        lines('Memory', 'bytes', 'Resident memory of main processes; sandbox hosts are on their own dashboard.', { '{{job}} {{pod}}': process('process_resident_memory_bytes') }),
        lines('Event loop lag, p99', 's', 'How long a process lets things wait while it computes.', { '{{job}} {{pod}}': process('nodejs_eventloop_lag_p99_seconds') }),
      ],
    },
    {
      title: 'Messages that are kept',
      panels: [
        lines('Waiting for PostgreSQL', 'short', 'Kept messages that the database does not have yet.', { messages: `max(botplane_messages_waiting${chosen()})` }),
        lines('Age of the oldest', 's', 'How far the database is behind.', { age: `max(botplane_messages_lag_seconds${chosen()})` }),
        lines('Written and lost', 'ops', 'Lost ones found the stream full; conversations go on without them.', { '{{outcome}}': rate('botplane_messages_total', 'outcome'), lost: `${rate('botplane_executor_messages_lost_total')} + ${rate('botplane_delivery_messages_lost_total')}` }),
      ],
    },
  ],
};
