import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from './environment.ts';

export interface BotManifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  spec: { platform: string; tokenSecretRef: { name: string; key: string }; revisionName?: string; botSpec: Record<string, unknown> };
}

/** Folders of all examples that are a bot. */
export const EXAMPLES = ['echo', 'coffee-club', 'survey', 'appointment', 'quiz', 'support-desk', 'photo-contest', 'shop', 'group-helper'] as const;

/** The Bot of one example, as an object that a journey can change before it applies it. */
export function exampleBot(example: string): BotManifest {
  const text = readFileSync(join(ROOT, 'examples', example, 'bot.yaml'), 'utf8');
  const bot = parseAllDocuments(text).map((document) => document.toJS() as BotManifest).find((object) => object.kind === 'Bot');
  if (!bot) throw new Error(`examples/${example}/bot.yaml holds no Bot`);
  return bot;
}

/** The token of one example's Secret; the simulator of the environment knows it. */
export function exampleToken(example: string): string {
  const text = readFileSync(join(ROOT, 'examples', example, 'secret.yaml'), 'utf8');
  const secret = parseAllDocuments(text)[0]?.toJS() as { stringData?: { token?: string } };
  const token = secret.stringData?.token;
  if (!token) throw new Error(`examples/${example}/secret.yaml has no stringData.token`);
  return token;
}

/** Secret and Bot for one journey's own bot, as a List for `kubectl apply -f -`. */
export function manifests(name: string, token: string, botSpec: unknown, extra: Record<string, unknown> = {}): string {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { token } };
  const bot = { apiVersion: 'botplane.dev/v1alpha1', kind: 'Bot', metadata: { name }, spec: { platform: 'Telegram', tokenSecretRef: { name, key: 'token' }, botSpec, ...extra } };
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [secret, bot] });
}

/** A small bot whose answers tell which edit of it spoke. */
export function greeter(greeting: string): Record<string, unknown> {
  return {
    meta: { name: 'Greeter', locales: ['en'], defaultLocale: 'en' },
    state: { city: { type: 'string' }, visits: { type: 'integer', default: 0 } },
    commands: [
      { command: 'start', description: 'Start', flow: 'welcome' },
      { command: 'trip', description: 'Plan a trip', flow: 'trip' },
    ],
    fallback: { flow: 'welcome' },
    flows: {
      welcome: { steps: [{ save: { visits: '= state.visits + 1' } }, { reply: { text: `${greeting} {{state.visits}}` } }] },
      trip: {
        steps: [
          { id: 'city', ask: { text: `${greeting}: where to?`, save: 'city' } },
          { id: 'days', ask: { text: 'How many days in {{state.city}}?', expect: 'integer' } },
          { reply: { text: `${greeting}: off to {{state.city}}!` } },
        ],
      },
    },
  };
}
