import { BUCKETS } from '@botplane/contracts';
import type { ChatRecord } from '@botplane/contracts';
import { TypedBucket } from '@botplane/nats';
import type { Nats } from '@botplane/nats';
import { LRUCache } from 'lru-cache';
import { CONVERSATIONS_BATCH, CONVERSATIONS_PER_LOOK_MAX, CONVERSATION_SEARCHES_MAX } from '../limits.ts';

/** Status of an answer without any message. */
const NOT_FOUND = 404;

interface Search {
  /** Everything below was read: what changed since stands above. */
  nextSeq: number;
  /** Key of a chat that was found on the revision; while it stays, nothing else need be read. */
  witness: string | undefined;
}

/** Looks in `chat-state` whether conversations are left on a revision. One pass over a bot's records in all, a bounded part of it per look. */
export class Conversations {
  private readonly nats: Nats;
  private readonly bucket: TypedBucket<ChatRecord>;
  private readonly searches = new LRUCache<string, Search>({ max: CONVERSATION_SEARCHES_MAX });

  constructor(nats: Nats) {
    this.nats = nats;
    this.bucket = new TypedBucket(nats.jsm, BUCKETS.chatState);
  }

  /** True: none is left. False: one is, or not all records were read yet. `since`: when the revision was superseded. */
  async isDrained(botId: string, revision: string, since: string): Promise<boolean> {
    const key = `${botId}/${revision}/${since}`;
    const search = this.searches.get(key) ?? { nextSeq: 1, witness: undefined };
    this.searches.set(key, search);
    if (search.witness !== undefined && isOn((await this.bucket.get(search.witness))?.value, revision)) return false;
    search.witness = undefined;
    for (let read = 0; read < CONVERSATIONS_PER_LOOK_MAX; read += CONVERSATIONS_BATCH) {
      const count = await this.readOn(search, botId, revision);
      if (search.witness !== undefined) return false;
      if (count === 0) return true;
    }
    return false;
  }

  private async readOn(search: Search, botId: string, revision: string): Promise<number> {
    const prefix = `$KV.${this.bucket.bucket}.`;
    let count = 0;
    try {
      const batch = await this.nats.jsm.direct.getBatch(this.bucket.stream, { next_by_subj: `${prefix}${botId}.>`, seq: search.nextSeq, batch: CONVERSATIONS_BATCH });
      for await (const message of batch) {
        count++;
        // What stands behind a witness is read when that is gone.
        if (search.witness !== undefined) continue;
        search.nextSeq = message.seq + 1;
        if (isOn(parse(message.string()), revision)) search.witness = message.subject.slice(prefix.length);
      }
    } catch (error) {
      // The end of the stream.
      if ((error as { code?: number }).code !== NOT_FOUND) throw error;
    }
    return count;
  }
}

const isOn = (record: ChatRecord | undefined, revision: string): boolean => record?.state.conversation?.revision === revision;

/** A deleted key has no value. */
const parse = (text: string): ChatRecord | undefined => (text === '' ? undefined : (JSON.parse(text) as ChatRecord));
