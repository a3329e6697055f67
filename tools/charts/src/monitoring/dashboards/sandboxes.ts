import { NAMESPACE, chosen, lines, percentiles, rate } from './model.ts';
import type { Dashboard } from './model.ts';

/** Runtime pods and the sandboxes in them. */
export const SANDBOXES: Dashboard = {
  slug: 'sandboxes', title: 'Botplane / Sandboxes', description: 'Steps of bots, and the processes in which they run. Choose the namespaces of the pools, too.', variables: [NAMESPACE],
  rows: [
    {
      title: 'Steps',
      panels: [
        lines('Steps by outcome', 'ops', 'All but `ok` and `guest_error` (the bot\'s own fault) are the platform\'s.', { '{{outcome}}': rate('botplane_runtime_runs_total', 'outcome') }),
        lines('Time of a step', 's', 'Inside the sandbox host.', percentiles('botplane_runtime_step_seconds')),
        lines('Time as executors see it', 's', 'With the way to the pod and back, and the wait for a sandbox.', percentiles('botplane_executor_runtime_call_seconds')),
      ],
    },
    {
      title: 'Sandboxes',
      panels: [
        lines('Hit rate', 'percentunit', 'Steps that found the sandbox of their bot alive.', { 'hit rate': `${rate('botplane_runtime_isolates_total', '', 'start="warm"')} / ${rate('botplane_runtime_isolates_total')}` }, { threshold: { at: 0.75, below: true }, max: 1, alert: 'BotplaneSandboxHitRate' }),
        lines('Alive', 'short', 'Sandboxes that live now, and the most that may.', { alive: `sum(botplane_runtime_isolates_live${chosen()})`, 'at most': `sum(max by (namespace, botruntime) (botplane_botruntime_sandboxes_max${chosen()}))` }),
        lines('Headroom', 'short', 'Bots that a pool has room for; below zero they take turns.', { '{{namespace}}/{{botruntime}}': `max by (namespace, botruntime) (botplane_botruntime_headroom_bots${chosen()})` }, { threshold: { at: 0, below: true }, alert: 'BotplaneSandboxHitRate' }),
        lines('Bots per pool', 'short', 'Bots that name the pool.', { '{{namespace}}/{{botruntime}}': `max by (namespace, botruntime) (botplane_botruntime_bots${chosen()})` }),
        lines('Ready pods', 'short', 'Runtime pods that take steps.', { '{{namespace}}/{{botruntime}}': `max by (namespace, botruntime) (botplane_botruntime_ready_pods${chosen()})` }),
        lines('Revisions loaded', 'short', 'Revisions whose code a pod has.', { '{{pod}}': `sum by (pod) (botplane_runtime_revisions_loaded${chosen()})` }),
      ],
    },
    {
      title: 'Hosts',
      panels: [
        lines('In flight', 'short', 'Steps that wait or run.', { '{{pod}}': `sum by (pod) (botplane_runtime_calls_in_flight${chosen()})` }),
        lines('Memory', 'bytes', 'Resident memory of sandbox hosts.', { '{{pod}} {{host}}': `sum by (pod, host) (botplane_runtime_host_resident_bytes${chosen()})` }),
        lines('Hosts that ended', 'ops', '`recycled` is usual; `overrun` was killed for its use of CPU, `died` ended by itself.', { '{{reason}}': rate('botplane_runtime_hosts_ended_total', 'reason') }, { alert: 'BotplaneSandboxKills' }),
        lines('Strikes', 'ops', 'Steps that were to blame for the end of a host; three put a revision into quarantine.', { strikes: rate('botplane_runtime_strikes_total') }, { alert: 'BotplaneSandboxKills' }),
      ],
    },
  ],
};
