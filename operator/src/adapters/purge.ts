import { BUCKETS, STREAMS, subjects } from '@botplane/contracts';
import type { Nats } from '@botplane/nats';
import { botFolder } from '../names.ts';
import type { FencedArtefactStore } from './fenced-artefacts.ts';

/**
 * Removes what `deletionPolicy: Delete` names: the state of all chats, dead letters, and everything that was published for the bot, also by revisions
 * that are gone. Can be repeated. `beforeWrite` is asked right before each step; what it throws refuses it.
 */
export const makePurge = ({ jsm }: Nats, artefacts: FencedArtefactStore, beforeWrite: () => void) => async (botId: string): Promise<void> => {
  const purges: [stream: string, filter: string][] = [[`KV_${BUCKETS.chatState}`, `$KV.${BUCKETS.chatState}.${botId}.>`], [STREAMS.dlq, subjects.dlqIn(botId)], [STREAMS.dlq, subjects.dlqOut(botId)]];
  for (const [stream, filter] of purges) {
    beforeWrite();
    await jsm.streams.purge(stream, { filter });
  }
  for await (const { key } of artefacts.list(botFolder(botId))) await artefacts.remove(key);
};
