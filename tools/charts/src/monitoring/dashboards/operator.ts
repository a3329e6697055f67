import { NAMESPACE, chosen, lines, number, p99By, rate } from './model.ts';
import type { Dashboard } from './model.ts';

/** What is left of a certificate, seconds. */
const CERTIFICATE = `min by (certificate) (botplane_certificate_not_after_seconds${chosen()}) - time()`;
const FORTNIGHT_S = 14 * 86_400;

/** From manifests to what runs. */
export const OPERATOR: Dashboard = {
  slug: 'operator', title: 'Botplane / Operator', description: 'How manifests become what people talk to.', variables: [NAMESPACE],
  rows: [
    {
      title: 'Now',
      panels: [
        number('Leaders', 'short', 'Exactly one operator leads.', { '{{name}}': `sum by (name) (leader_election_master_status${chosen()})` }, { threshold: { at: 1, below: true }, alert: 'BotplaneLeaseFlapping' }),
        number('Keys waiting', 'short', 'Objects that wait to be looked at.', { '{{controller}}': `sum by (controller) (workqueue_depth${chosen()})` }),
        number('Certificates', 's', 'Time until each ends: of the webhook, and with TLS of the services and what NATS shows.', { '{{certificate}}': CERTIFICATE }, { threshold: { at: FORTNIGHT_S, below: true }, alert: 'BotplaneCertificateExpires' }),
      ],
    },
    {
      title: 'Bots',
      panels: [
        lines('Ready', 'short', 'Bots by the reason of their condition Ready.', { '{{status}} {{reason}}': `max by (status, reason) (botplane_bot_conditions${chosen('condition="Ready"')})` }, { alert: 'BotplaneTokenTrouble' }),
        lines('Webhook', 'short', 'Bots by the reason of their condition WebhookRegistered.', { '{{status}} {{reason}}': `max by (status, reason) (botplane_bot_conditions${chosen('condition="WebhookRegistered"')})` }, { alert: 'BotplaneWebhookNotRegistered' }),
        lines('Leadership', 'bool_yes_no', 'Who leads, and when that changed.', { '{{pod}}': `max by (pod) (leader_election_master_status${chosen()})` }, { max: 1, alert: 'BotplaneLeaseFlapping' }),
      ],
    },
    {
      title: 'Reconciles',
      panels: [
        lines('Reconciles', 'ops', 'By controller and result.', { '{{controller}} {{result}}': rate('controller_runtime_reconcile_total', 'controller, result') }),
        lines('Errors', 'ops', 'Tried again with a growing pause; terminal ones when something changes.', { '{{controller}}': rate('controller_runtime_reconcile_errors_total', 'controller'), '{{controller}} terminal': rate('controller_runtime_terminal_reconcile_errors_total', 'controller'), '{{controller}} timed out': rate('controller_runtime_reconcile_timeouts_total', 'controller') }),
        lines('Length, p99', 's', 'Of one reconcile.', p99By('controller_runtime_reconcile_time_seconds', 'controller')),
        lines('Wait, p99', 's', 'Time a key waits for a worker.', p99By('workqueue_queue_duration_seconds', 'controller')),
        lines('Depth', 'short', 'Keys waiting.', { '{{controller}}': `sum by (controller) (workqueue_depth${chosen()})` }),
        lines('Workers', 'short', 'Reconciles that run, and the most that may.', { '{{controller}}': `sum by (controller) (controller_runtime_active_workers${chosen()})`, '{{controller}} at most': `max by (controller) (controller_runtime_max_concurrent_reconciles${chosen()})` }),
      ],
    },
    {
      title: 'Kubernetes API',
      panels: [
        lines('Requests', 'ops', 'By answer; `<error>` is none.', { '{{code}}': rate('rest_client_requests_total', 'code') }, { alert: 'BotplaneLeaseFlapping' }),
        lines('Time to the answer, p99', 's', 'By verb.', p99By('rest_client_request_duration_seconds', 'verb')),
        lines('Objects in the caches', 'short', 'By kind, of one operator.', { '{{kind}}': `max by (kind) (reflector_objects${chosen()})` }),
        lines('Lists and watches', 'ops', 'Many lists mean that watches break.', { lists: rate('reflector_lists_total'), watches: rate('reflector_watches_total') }),
      ],
    },
  ],
};
