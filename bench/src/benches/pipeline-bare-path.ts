import { Agent, request } from 'node:http';
import { connectNats } from '@botplane/nats';
import { AckPolicy, DiscardPolicy, RetentionPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';

/**
 * The shortest way of an update that keeps the order of a chat and does each thing once as long as nothing dies: stream, one chain per
 * chat, state by compare-and-set, stream, HTTP. No sandbox, no framework, no ownership, no record of what was sent.
 * Arguments: `executor` or `delivery`, URL of NATS, partitions, URL of Telegram.
 */
const [role, natsUrl = '', partitions = '16', telegramUrl = ''] = process.argv.slice(2);
const STREAM_BYTES_MAX = 512 * 1024 * 1024;
const PULL_MESSAGES = 200;
const TELEGRAM_CONNECTIONS = 32;

const stream = (name: string, subject: string, more: object = {}): object => ({
  name, subjects: [subject], retention: RetentionPolicy.Limits, discard: DiscardPolicy.Old, max_bytes: STREAM_BYTES_MAX, duplicate_window: 300e9, ...more,
});

async function setUp(jsm: JetStreamManager): Promise<void> {
  for (const config of [stream('BARE_UPDATES', 'bare.updates.>'), stream('BARE_OUT', 'bare.out.>'), stream('BARE_STATE', 'bare.state.>', { max_msgs_per_subject: 1 })]) {
    await jsm.streams.add(config as Parameters<typeof jsm.streams.add>[0]);
  }
}

/** 1 KB of state, and what a commit must hold besides it. */
const STATE = 'x'.repeat(1_000);

async function execute(js: JetStreamClient, jsm: JetStreamManager, partition: number): Promise<void> {
  const name = `bare-${partition}`;
  await jsm.consumers.add('BARE_UPDATES', { durable_name: name, ack_policy: AckPolicy.Explicit, filter_subject: `bare.updates.${partition}.>`, max_ack_pending: 256, ack_wait: 60e9 });
  const messages = await (await js.consumers.get('BARE_UPDATES', name)).consume({ max_messages: PULL_MESSAGES });
  const chains = new Map<string, Promise<void>>();
  const revisions = new Map<string, number>();
  for await (const message of messages) {
    const chat = message.headers?.get('c') ?? '';
    const id = message.headers?.get('i') ?? '';
    const job = (chains.get(chat) ?? Promise.resolve()).then(async () => {
      const { text } = message.json<{ message: { text: string } }>().message;
      const revision = revisions.get(chat);
      const record = JSON.stringify({ state: STATE, ring: [id], outbox: [text] });
      const saved = await js.publish(`bare.state.${chat}`, record, revision === undefined ? {} : { expect: { lastSubjectSequence: revision } });
      revisions.set(chat, saved.seq);
      await js.publish(`bare.out.${partition}.b`, JSON.stringify({ chat_id: Number(chat), text }), { msgID: `${id}:0` });
      message.ack();
    });
    chains.set(chat, job);
    void job.finally(() => {
      if (chains.get(chat) === job) chains.delete(chat);
    });
  }
}

async function deliver(js: JetStreamClient, jsm: JetStreamManager): Promise<void> {
  await jsm.consumers.add('BARE_OUT', { durable_name: 'bare-out', ack_policy: AckPolicy.Explicit, max_ack_pending: 1_000, ack_wait: 60e9 });
  const messages = await (await js.consumers.get('BARE_OUT', 'bare-out')).consume({ max_messages: 500 });
  const agent = new Agent({ keepAlive: true, maxSockets: TELEGRAM_CONNECTIONS });
  for await (const message of messages) void post(agent, message.data).then(() => message.ack());
}

function post(agent: Agent, body: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(`${telegramUrl}/bot1:a/sendMessage`, { agent, method: 'POST', headers: { 'content-type': 'application/json', 'content-length': body.length } }, (response) => {
      response.resume();
      response.on('end', resolve);
    });
    call.on('error', reject);
    call.end(body);
  });
}

const connection = await connectNats({ url: natsUrl, name: `bare-${role}` });
const [js, jsm] = [jetstream(connection), await jetstreamManager(connection)];
if (role === 'executor') {
  await setUp(jsm);
  for (let partition = 0; partition < Number(partitions); partition++) void execute(js, jsm, partition);
} else void deliver(js, jsm);
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
