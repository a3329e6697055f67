import type { Json } from '@botplane/domain';

/** A button as a person sees it. */
export interface Button {
  label: string;
  /** Message it belongs to. */
  messageId: number;
  inline: boolean;
  /** callback_data of an inline button that reaches the bot. */
  data?: string;
  /** What a button of a reply keyboard shares instead of its text. */
  shares?: 'contact' | 'location';
}

/** Id of a chat, or @name. */
export type ChatId = number | string;

type JsonObject = { [key: string]: Json };

/** The keyboards of all chats, as clients show them. */
export class Keyboards {
  readonly #inline = new Map<string, Map<number, Button[]>>();
  readonly #reply = new Map<string, Button[]>();

  /** Takes up the keyboard of a new message; answers with its buttons. */
  add(chat: ChatId, messageId: number, markup: Json | undefined): Button[] {
    if (!isObject(markup)) return [];
    if (markup['remove_keyboard'] === true) this.#reply.delete(String(chat));
    if (Array.isArray(markup['keyboard'])) {
      const buttons = buttonsOf(markup['keyboard'], messageId, false);
      this.#reply.set(String(chat), buttons);
      return buttons;
    }
    const buttons = buttonsOf(markup['inline_keyboard'], messageId, true);
    const messages = this.#inline.get(String(chat)) ?? new Map<number, Button[]>();
    messages.set(messageId, buttons);
    this.#inline.set(String(chat), messages);
    return buttons;
  }

  /** The inline keyboard of a message was edited. */
  replace(chat: ChatId, messageId: Json | undefined, markup: Json | undefined): void {
    if (typeof messageId === 'number') this.#inline.get(String(chat))?.set(messageId, buttonsOf(isObject(markup) ? markup['inline_keyboard'] : undefined, messageId, true));
  }

  find(chat: ChatId, fits: (label: string) => boolean): Button | undefined {
    return this.#all(chat).find(({ label }) => fits(label));
  }

  labels(chat: ChatId): string[] {
    return this.#all(chat).map(({ label }) => label);
  }

  /** Newest message first. */
  #all(chat: ChatId): Button[] {
    const messages = [...(this.#inline.get(String(chat))?.values() ?? [])];
    return [...messages.toReversed().flat(), ...(this.#reply.get(String(chat)) ?? [])].sort((a, b) => b.messageId - a.messageId);
  }
}

function buttonsOf(rows: Json | undefined, messageId: number, inline: boolean): Button[] {
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row) => (Array.isArray(row) ? row : [])).filter(isObject).map((button) => {
    const shares = button['request_contact'] === true ? 'contact' : button['request_location'] === true ? 'location' : undefined;
    return { label: typeof button['text'] === 'string' ? button['text'] : '', messageId, inline, ...(typeof button['callback_data'] === 'string' ? { data: button['callback_data'] } : {}), ...(shares ? { shares } : {}) };
  });
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
