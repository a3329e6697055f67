import type { BotId } from './bot-id.ts';
import { sha256Hex } from './canonical.ts';

/**
 * What stands in log lines for whom an update came from, by its order key: logs name no chat and no person (in a private chat both have one
 * id), yet whoever knows the chat finds its lines. Each bot has marks of its own, so that lines of two bots cannot be joined by them.
 */
export const chatMark = (botId: BotId, orderKey: string): string => sha256Hex(`${botId}/${orderKey}`).slice(0, 16);
