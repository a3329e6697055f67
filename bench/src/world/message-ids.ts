import type { Nats } from '@botplane/nats';

/** How often each message id is in a stream, read from the stream itself. */
export async function messageIds(nats: Nats, stream: string): Promise<Map<string, number>> {
  const ids = new Map<string, number>();
  const { state } = await nats.jsm.streams.info(stream);
  if (state.messages === 0) return ids;
  const consumer = await nats.js.consumers.get(stream);
  const messages = await consumer.consume({ max_messages: 10_000 });
  for await (const message of messages) {
    const id = message.headers?.get('Nats-Msg-Id') ?? '';
    ids.set(id, (ids.get(id) ?? 0) + 1);
    if (message.info.pending === 0) break;
  }
  await messages.close();
  return ids;
}
