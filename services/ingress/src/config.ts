import { isIP, isIPv6 } from 'node:net';
import { envInt, httpEnv, loadConfig, natsEnv, tokenKeyEnv } from '@botplane/kit';
import { z } from 'zod';
import { TELEGRAM_CIDRS } from './domain/telegram-networks.ts';
import { BOT_UPDATES_PER_SECOND_DEFAULT } from './limits.ts';

const isCidr = (text: string): boolean => {
  const [address = '', bits = '', ...rest] = text.split('/');
  return rest.length === 0 && isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (isIPv6(address) ? 128 : 32);
};

/** Networks in CIDR form, separated by commas; `telegram` stands for those that Telegram sends from. */
const networks = z.string().transform((text) => text.split(',').map((part) => part.trim()).flatMap((part) => (part === 'telegram' ? TELEGRAM_CIDRS : [part])))
  .refine((list) => list.every(isCidr), 'must be networks such as 10.0.0.0/8, or telegram, separated by commas');

/** Environment of ingress. */
export const ingressSchema = z.object({
  ...httpEnv,
  ...natsEnv,
  /** Opens the tokens of bots with `updates: Polling`; without it this process polls none. */
  BOTPLANE_TOKEN_KEY_FILE: tokenKeyEnv.BOTPLANE_TOKEN_KEY_FILE.optional(),
  /** Who may send updates, besides the secret. Default: everybody. */
  BOTPLANE_UPDATE_SOURCES: networks.optional(),
  /** Proxies whose X-Forwarded-For is believed. */
  BOTPLANE_TRUSTED_PROXIES: networks.optional(),
  /** Updates of one bot that one process takes per second; twice as many at once after a quiet time. */
  BOTPLANE_BOT_UPDATES_PER_SECOND_MAX: envInt(1, 1_000_000).default(BOT_UPDATES_PER_SECOND_DEFAULT),
});
export type IngressConfig = Readonly<z.output<typeof ingressSchema>>;

/** Reads the environment; a bad one ends the process. */
export const loadIngressConfig = (): IngressConfig => loadConfig(ingressSchema, process.env);
