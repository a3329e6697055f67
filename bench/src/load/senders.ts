import { HEADERS, subjects, updateMessageId } from '@botplane/contracts';
import { updatePartition } from '@botplane/domain';
import { JetPublisher, openNats } from '@botplane/nats';
import { Agent, request } from 'undici';
import type { Target } from './orders.ts';
import type { PersonsMessage } from './updates.ts';
import { Zipf } from './zipf.ts';

/** Hands an update in; resolves when it is taken for good. */
export interface Sender {
  send(message: PersonsMessage): Promise<void>;
  close(): Promise<void>;
}

export async function makeSender(target: Target): Promise<Sender> {
  switch (target.via) {
    case 'published':
      return publishAsIngress(target);
    case 'bare':
      return publishBare(target);
    case 'webhook':
      return callWebhook(target);
  }
}

const of = <T>(items: readonly T[], chat: number): T => items[chat % items.length] as T;

async function publishAsIngress({ natsUrl, bots, choice }: Target & { via: 'published' }): Promise<Sender> {
  const zipf = choice === 'zipf' ? new Zipf(bots.length) : undefined;
  const nats = await openNats({ url: natsUrl, name: 'bench-load' });
  const publisher = new JetPublisher(nats.js);
  return {
    async send({ updateId, chat, json }) {
      const { botId } = of(bots, zipf ? zipf.draw(updateId) : chat);
      const key = String(chat);
      await publisher.publish(subjects.update(updatePartition(botId, key), botId), json, {
        msgId: updateMessageId(botId, updateId),
        headers: { [HEADERS.orderKey]: key, [HEADERS.stateKey]: key, [HEADERS.kind]: 'message', [HEADERS.updateId]: String(updateId), [HEADERS.acceptedMs]: String(Date.now()) },
      });
    },
    close: () => nats.connection.close(),
  };
}

async function publishBare({ natsUrl, partitions }: Target & { via: 'bare' }): Promise<Sender> {
  const { connection, js } = await openNats({ url: natsUrl, name: 'bench-load' });
  const publisher = new JetPublisher(js);
  return {
    async send({ updateId, chat, json }) {
      await publisher.publish(`bare.updates.${chat % partitions}.b`, json, { msgId: `b:${updateId}`, headers: { c: String(chat), i: String(updateId) } });
    },
    close: () => connection.close(),
  };
}

/** Like Telegram: over kept connections, again after an answer that is not 200. */
async function callWebhook({ urls, connections }: Target & { via: 'webhook' }): Promise<Sender> {
  const agent = new Agent({ connections, keepAliveTimeout: 60_000 });
  return {
    async send({ chat, json }) {
      const { url, secret } = of(urls, chat);
      for (;;) {
        const { statusCode, body } = await request(url, { method: 'POST', dispatcher: agent, headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': secret }, body: json });
        await body.dump();
        if (statusCode === 200) return;
        if (statusCode !== 503) throw new Error(`the webhook answered ${statusCode}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    close: () => agent.destroy(),
  };
}
