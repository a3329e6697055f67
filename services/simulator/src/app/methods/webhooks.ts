import { badRequest } from '../../domain/api-error.ts';
import type { Webhook } from '../../domain/types.ts';
import { UPDATE_KINDS } from '../../domain/updates.ts';
import {
  SECRET_TOKEN_LENGTH_MAX, WEBHOOK_CONNECTIONS_DEFAULT, WEBHOOK_CONNECTIONS_MAX, WEBHOOK_URL_LENGTH_MAX,
} from '../../limits.ts';
import type { Call, Method } from './params.ts';
import { flag, integer, json, text } from './params.ts';

const KNOWN_KINDS: ReadonlySet<string> = new Set(UPDATE_KINDS);

/** Called after a webhook was set, changed or removed, so that waiting updates go out. */
export type OnWebhookChange = (call: Call) => void;

/** Plain http is accepted, as by a Bot API server that runs with --local. */
export const setWebhook = (onChange: OnWebhookChange): Method => (call) => {
  const url = text(call, 'url').trim();
  if (url === '') return removeWebhook(call, onChange);
  checkUrl(url);
  const secretToken = secretOf(call);
  const allowed = allowedOf(call);
  const wanted = integer(call, 'max_connections') ?? WEBHOOK_CONNECTIONS_DEFAULT;
  const webhook: Webhook = {
    url, secretToken,
    maxConnections: Math.min(Math.max(1, wanted), WEBHOOK_CONNECTIONS_MAX),
    ipAddress: text(call, 'ip_address') || null,
    hasCertificate: call.files.some((file) => file.field === 'certificate'),
    lastErrorDate: null, lastErrorMessage: null,
  };
  const before = call.account.webhook;
  if (flag(call, 'drop_pending_updates')) dropPending(call);
  if (allowed !== undefined) call.account.commit({ t: 'allowed', kinds: allowed.length === 0 ? null : allowed });
  const same = before !== null && before.url === webhook.url && before.secretToken === webhook.secretToken
    && before.maxConnections === webhook.maxConnections && before.ipAddress === webhook.ipAddress;
  if (!same) call.account.commit({ t: 'webhook', webhook });
  call.account.endPoll('terminated by setWebhook request');
  onChange(call);
  return { result: true, description: same ? 'Webhook is already set' : 'Webhook was set' };
};

export const deleteWebhook = (onChange: OnWebhookChange): Method => (call) => removeWebhook(call, onChange);

function removeWebhook(call: Call, onChange: OnWebhookChange): ReturnType<Method> {
  if (flag(call, 'drop_pending_updates')) dropPending(call);
  const had = call.account.webhook !== null;
  if (had) call.account.commit({ t: 'webhook', webhook: null });
  onChange(call);
  return { result: true, description: had ? 'Webhook was deleted' : 'Webhook is already deleted' };
}

function dropPending(call: Call): void {
  for (const id of [...call.account.pending.keys()]) call.account.commit({ t: 'settled', updateId: id, atMs: call.nowMs });
}

export const getWebhookInfo: Method = ({ account }) => {
  const { webhook, allowedUpdates, pending } = account;
  return {
    result: {
      url: webhook?.url ?? '',
      has_custom_certificate: webhook?.hasCertificate ?? false,
      pending_update_count: pending.size,
      ...(webhook && {
        ...(webhook.ipAddress !== null && { ip_address: webhook.ipAddress }),
        ...(webhook.lastErrorDate !== null && { last_error_date: webhook.lastErrorDate, last_error_message: webhook.lastErrorMessage }),
        max_connections: webhook.maxConnections,
      }),
      ...(allowedUpdates && { allowed_updates: allowedUpdates }),
    },
  };
};

function checkUrl(url: string): void {
  if (url.length > WEBHOOK_URL_LENGTH_MAX) throw badRequest('bad webhook: URL is too long');
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed || !/^https?:$/.test(parsed.protocol)) throw badRequest('bad webhook: An HTTPS URL must be provided for webhook');
}

function secretOf(call: Call): string | null {
  const secret = text(call, 'secret_token');
  if (secret === '') return null;
  if (secret.length > SECRET_TOKEN_LENGTH_MAX) throw badRequest('secret token is too long');
  if (!/^[\w-]+$/.test(secret)) throw badRequest('secret token contains unallowed characters');
  return secret;
}

/** Undefined keeps what was set before. Kinds that Telegram does not know are left out, as Telegram does. */
export function allowedOf(call: Call): string[] | undefined {
  const list = json(call, 'allowed_updates');
  if (list === undefined) return undefined;
  if (!Array.isArray(list)) throw badRequest("can't parse allowed_updates JSON object");
  return [...new Set(list.map((kind) => String(kind).toLowerCase()))].filter((kind) => KNOWN_KINDS.has(kind));
}
