/** Why calls are given up that another revision would have lost as well: the person, the bot's place in the chat, its token, or Telegram itself. */
const OTHERS = new Set(['blocked', 'deactivated', 'kicked', 'not_started', 'chat_not_found', 'no_rights', 'no_token', 'token_refused', 'unreachable', 'no_answer']);

/** True when a dead letter speaks against the revision that made the call; rollouts are judged by these. */
export const isRevisionsFault = (reason: string): boolean => !OTHERS.has(reason) && !reason.startsWith('http_5');
