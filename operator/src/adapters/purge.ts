import { ARTEFACT_FILES, BUCKETS, STREAMS, artefactKey, subjects } from '@botplane/contracts';
import type { Nats } from '@botplane/nats';
import type { FencedArtefactStore } from './fenced-artefacts.ts';

/** Removes what `deletionPolicy: Delete` names: the state of all chats, dead letters, and the artefacts of the given revisions. Can be repeated. */
export const makePurge = ({ jsm }: Nats, artefacts: FencedArtefactStore) => async (botId: string, revHashes: readonly string[]): Promise<void> => {
  await jsm.streams.purge(`KV_${BUCKETS.chatState}`, { filter: `$KV.${BUCKETS.chatState}.${botId}.>` });
  for (const filter of [subjects.dlqIn(botId), subjects.dlqOut(botId)]) await jsm.streams.purge(STREAMS.dlq, { filter });
  for (const revHash of revHashes) for (const file of ARTEFACT_FILES) await artefacts.remove(artefactKey(botId, revHash, file));
};
