import type { BotCommand } from '@grammyjs/types';
import { badRequest } from '../../domain/api-error.ts';
import { COMMANDS_MAX } from '../../limits.ts';
import type { BotAccount } from '../bot-account.ts';
import type { Call, Method } from './params.ts';
import { isObject, json, stringOf, text } from './params.ts';

const SCOPES: Readonly<Record<string, readonly string[]>> = {
  default: [], all_private_chats: [], all_group_chats: [], all_chat_administrators: [],
  chat: ['chat_id'], chat_administrators: ['chat_id'], chat_member: ['chat_id', 'user_id'],
};

/** A scope as one word: its type and the ids it names. */
function scopeOf(call: Call): string {
  const scope = json(call, 'scope');
  if (scope === undefined) return 'default';
  const type = isObject(scope) ? String(scope['type']) : '';
  const fields = SCOPES[type];
  if (!isObject(scope) || !fields) throw badRequest("can't parse BotCommandScope: Unsupported type specified");
  return [type, ...fields.map((field) => {
    const id = scope[field];
    if (typeof id !== 'number' && typeof id !== 'string') throw badRequest(`can't parse BotCommandScope: Can't find field "${field}"`);
    return String(id);
  })].join(':');
}

function languageOf(call: Call): string {
  const language = text(call, 'language_code');
  if (!/^([a-z]{2})?$/.test(language)) throw badRequest('LANG_CODE_INVALID');
  return language;
}

function readCommand(value: unknown): BotCommand {
  if (!isObject(value)) throw badRequest("can't parse BotCommand: expected an Object");
  // Telegram accepts a leading slash and upper case, and stores neither.
  const command = stringOf(value['command']).replace(/^\//, '').toLowerCase();
  const description = stringOf(value['description']).trim();
  if (!/^[a-z0-9_]{1,32}$/.test(command)) throw badRequest('BOT_COMMAND_INVALID');
  if (description.length < 1 || description.length > 256) throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID');
  return { command, description };
}

export const setMyCommands: Method = (call) => {
  const list = json(call, 'commands');
  if (!Array.isArray(list)) throw badRequest("can't parse commands JSON object");
  if (list.length > COMMANDS_MAX) throw badRequest('BOT_COMMANDS_TOO_MUCH');
  const set = { scope: scopeOf(call), language: languageOf(call), commands: list.map(readCommand) };
  call.account.commit({ t: 'commands', set });
  return { result: true };
};

export const getMyCommands: Method = (call) => ({
  result: call.account.commands.get(`${scopeOf(call)}|${languageOf(call)}`) ?? [],
});

export const deleteMyCommands: Method = (call) => {
  call.account.commit({ t: 'commands', set: { scope: scopeOf(call), language: languageOf(call), commands: [] } });
  return { result: true };
};

/** The commands a person sees: the narrowest scope that has any, in the person's language before none. */
export function commandsFor(account: BotAccount, chatId: number, userId: number, language: string): BotCommand[] {
  const kind = chatId > 0 ? 'all_private_chats' : 'all_group_chats';
  for (const scope of [`chat_member:${chatId}:${userId}`, `chat:${chatId}`, kind, 'default']) {
    for (const lang of [language, '']) {
      const commands = account.commands.get(`${scope}|${lang}`);
      if (commands && commands.length > 0) return commands;
    }
  }
  return [];
}
