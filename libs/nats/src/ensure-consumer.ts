import type { ConsumerConfig, JetStreamManager } from '@nats-io/jetstream';
import { isConsumerOfOtherConfig } from './errors.ts';

/** Makes a consumer that several processes share, or gives the one that another version of us made our configuration. */
export async function ensureConsumer(jsm: JetStreamManager, stream: string, config: Partial<ConsumerConfig> & { durable_name: string }): Promise<void> {
  try {
    await jsm.consumers.add(stream, config);
  } catch (error) {
    if (!isConsumerOfOtherConfig(error)) throw error;
    await jsm.consumers.update(stream, config.durable_name, config);
  }
}
