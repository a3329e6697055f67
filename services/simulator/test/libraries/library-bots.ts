/** What every library has to be able to do. */
export const BOT_KINDS = ['echo', 'keyboard', 'file', 'payment'] as const;
export type BotKind = (typeof BOT_KINDS)[number];

/** Where the bots of one library find Telegram, and their tokens by the way they get updates. */
export interface LibraryBots {
  apiUrl: string;
  polling: Record<BotKind, string>;
  webhook: Record<BotKind, string>;
}
