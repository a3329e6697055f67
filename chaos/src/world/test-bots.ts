import { randomBytes } from 'node:crypto';
import { buildArtefacts, compileBotSpec } from '@botplane/botspec';
import { ARTEFACT_FILES, BUCKETS, artefactKey } from '@botplane/contracts';
import type { Envelope, RevisionPassport, RouteRecord } from '@botplane/contracts';
import { OUTBOUND_PARTITIONS, makeBotId, outboundPartition, sha256Hex } from '@botplane/domain';
import { sealEnvelope } from '@botplane/kit';
import { TypedBucket } from '@botplane/nats';
import { BOTS, WEBHOOK_CONNECTIONS } from '../limits.ts';
import { API_HOST, DEEDS_CODE } from './deeds.ts';
import { ALL_KINDS_CODE, POISON_CODE } from './guest-code.ts';
import { POOL } from './world.ts';
import type { World } from './world.ts';

/** A bot of a run, known to the simulator and served. */
export interface TestBot {
  botId: string;
  token: string;
}

const REVISION = 'count-1';

/** Counts the updates of a chat and answers with the count and the text, which is the update's number, and a button to press. */
export const COUNTING_SPEC = {
  meta: { name: 'Counter', locales: ['en'], defaultLocale: 'en', stateKey: 'chat' },
  state: { seen: { type: 'integer', default: 0 } },
  fallback: { flow: 'count' },
  flows: { count: { steps: [{ save: { seen: '= state.seen + 1' } }, { reply: { text: '{{state.seen}} {{context.message.text}}', reply_markup: { inline_keyboard: [[{ text: 'Again', goto: 'count' }]] } } }] } },
  errorText: 'Sorry.',
};

/** What a bot does beside counting and answering. */
export interface Traits {
  isPoisoned: boolean;
  isBusy: boolean;
}

/** Makes the bots of a run as the operator does: artefacts, token, route, webhook. */
export async function makeTestBots(world: World, traits: Traits): Promise<TestBot[]> {
  const bots = nameTestBots(world);
  await Promise.all(bots.map((bot) => serve(world, bot, traits)));
  return bots;
}

/** Bots that nobody serves yet, one per partition of OUTBOUND. */
export function nameTestBots(world: Pick<World, 'takeBotNumber'>): TestBot[] {
  const run = randomBytes(3).toString('hex');
  return Array.from({ length: BOTS }, (_, index) => ({ botId: botIdInPartition(run, index % OUTBOUND_PARTITIONS), token: `${world.takeBotNumber()}:${randomBytes(16).toString('hex')}` }));
}

/** A name whose bot sends through this partition of OUTBOUND. */
function botIdInPartition(run: string, partition: number): string {
  for (let attempt = 0; ; attempt++) {
    const botId = makeBotId('chaos', `b${run}-${partition}-${attempt}`);
    if (outboundPartition(botId) === partition) return botId;
  }
}

async function serve(world: World, { botId, token }: TestBot, traits: Traits): Promise<void> {
  const revHash = await publish(world, botId, traits);
  const { id, username } = await world.telegram.addBot(token, `b_${token.slice(-12)}`);
  const credential = `${botId}.token`;
  const secret = { token, apiRoot: world.telegram.url };
  await new TypedBucket<Envelope>(world.nats.jsm, BUCKETS.credentials).put(credential, sealEnvelope(world.keys.token, credential, JSON.stringify(secret)));
  const webhookSecret = randomBytes(16).toString('hex');
  const route: RouteRecord = {
    v: 1, botId, uid: botId, routeSeq: 1, state: 'Serving', split: [{ revision: REVISION, weight: 100 }],
    revisions: { [REVISION]: { revHash, runtime: POOL } }, stateKey: 'chat', webhookSecretSha256: sha256Hex(webhookSecret), telegram: { id, username },
  };
  await new TypedBucket<RouteRecord>(world.nats.jsm, BUCKETS.routes).put(botId, route);
  await world.telegram.setWebhook(token, `${world.ingress.url}/wh/${botId}`, webhookSecret, WEBHOOK_CONNECTIONS);
}

async function publish(world: World, botId: string, { isPoisoned, isBusy }: Traits): Promise<string> {
  const compiled = compileBotSpec(COUNTING_SPEC);
  if (!compiled.ok) throw new Error(`the test bot does not compile: ${JSON.stringify(compiled.errors)}`);
  const built = buildArtefacts({ botId, spec: COUNTING_SPEC, compiled, limits: { memoryMiB: 0, cpuMs: 0 }, secretNames: [] });
  const code = built.files['bot.js'] + (isBusy ? DEEDS_CODE : '') + ALL_KINDS_CODE + (isPoisoned ? POISON_CODE : '');
  const passport: RevisionPassport = { ...built.passport, security: { ...built.passport.security, allowDomains: [API_HOST] }, files: { ...built.passport.files, 'bot.js': { sha256: sha256Hex(code), bytes: Buffer.byteLength(code) } } };
  const files = { ...built.files, 'bot.js': code, 'rev.json': JSON.stringify(passport) };
  for (const file of ARTEFACT_FILES) await world.store.put(artefactKey(botId, built.revHash, file), Buffer.from(files[file]), file === 'bot.js' ? 'text/javascript' : 'application/json');
  return built.revHash;
}
