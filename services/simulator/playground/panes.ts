/** One column: a user in a chat; the private chat has the user's own id. */
export interface Pane {
  userId: number;
  chatId: number;
}

/** Columns at a time; more do not fit on a screen. */
export const PANES_MAX = 6;

export const keyOf = ({ userId, chatId }: Pane): string => (userId === chatId ? String(userId) : `${userId}:${chatId}`);

/** Reads `?panes=1001,1002:-100123` of an address; what is no pane is left out. */
export function readPanes(search: string): Pane[] {
  const words = (new URLSearchParams(search).get('panes') ?? '').split(',');
  const panes = words.flatMap((word) => {
    const [, user, chat] = /^(\d{1,15})(?::(-?\d{1,16}))?$/.exec(word) ?? [];
    return user === undefined ? [] : [{ userId: Number(user), chatId: Number(chat ?? user) }];
  });
  return panes.filter((pane, i) => panes.findIndex((one) => keyOf(one) === keyOf(pane)) === i).slice(0, PANES_MAX);
}

/** The address of a bot with these panes, to bookmark or to send on. */
export function addressOf(username: string, panes: readonly Pane[]): string {
  const search = panes.length === 0 ? '' : `?panes=${panes.map(keyOf).join(',')}`;
  return `/play/${encodeURIComponent(username)}${search}`;
}
