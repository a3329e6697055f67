import type { StoredMessage } from '../domain/stored-message.ts';
import type { MessageCursor, MessageFilter, Messages } from './message-ports.ts';

export interface MessagePage {
  items: StoredMessage[];
  /** Null at the end. */
  next: MessageCursor | null;
}

/** Reads the history of a chat. */
export class ReadMessages {
  private readonly messages: Messages;

  constructor(messages: Messages) {
    this.messages = messages;
  }

  /** One page, newest first. */
  async page(filter: MessageFilter, after: MessageCursor | undefined, max: number): Promise<MessagePage> {
    const found = await this.messages.page(filter, after, max + 1);
    const items = found.slice(0, max);
    const last = items.at(-1);
    return { items, next: found.length > max && last !== undefined ? { createdAt: last.createdAt, id: last.id } : null };
  }
}
