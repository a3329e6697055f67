import { badRequest } from '../../domain/api-error.ts';
import { ADMIN_RIGHTS } from '../../domain/chat-member.ts';
import type { BotAccount } from '../bot-account.ts';
import { attachedMedia } from './files.ts';
import type { Call, Method } from './params.ts';
import { flag, integer, isObject, json, stringOf, text } from './params.ts';

/** What the bot says about itself, a text per language: its parameter, and how long it may be. */
const TEXTS = { name: 64, description: 512, short_description: 120 } as const;
type TextName = keyof typeof TEXTS;

export const setMyText = (which: TextName): Method => (call) => {
  const value = text(call, which).trim();
  if (value.length > TEXTS[which]) throw badRequest(`${which.toUpperCase().replace('NAME', 'BOT_TITLE')}_INVALID`);
  call.account.keep('text', `${which}|${languageOf(call)}`, value === '' ? null : value);
  return { result: true };
};

/** The text of a language, else that of all others; a bot without a name of its own has the one it was made with. */
export const getMyText = (which: TextName): Method => (call) => ({ result: { [which]: profileText(call.account, which, languageOf(call)) } });

export function profileText(account: BotAccount, which: TextName, language: string): string {
  return account.kept('text', `${which}|${language}`) ?? account.kept('text', `${which}|`) ?? (which === 'name' ? account.bot.firstName : '');
}

function languageOf(call: Call): string {
  const language = text(call, 'language_code');
  if (!/^([a-z]{2})?$/.test(language)) throw badRequest('LANG_CODE_INVALID');
  return language;
}

export const setChatMenuButton: Method = (call) => {
  const button = json(call, 'menu_button') ?? { type: 'default' };
  if (!isObject(button)) throw badRequest("can't parse MenuButton: expected an Object");
  const { web_app } = button;
  if (isObject(web_app) && !/^https:\/\//i.test(String(web_app['url']))) throw badRequest(`menu button Web App URL '${String(web_app['url'])}' is invalid: Only HTTPS links are allowed`);
  call.account.keep('menu_button', menuKey(call), button['type'] === 'default' ? null : button);
  return { result: true };
};

export const getChatMenuButton: Method = (call) => ({ result: menuButton(call.account, menuKey(call)) });

/** The menu button of a private chat, else the one of all chats. */
export const menuButton = (account: BotAccount, key: string): Record<string, unknown> =>
  account.kept('menu_button', key) ?? account.kept('menu_button', 'default') ?? { type: key === 'default' ? 'commands' : 'default' };

function menuKey(call: Call): string {
  const id = integer(call, 'chat_id');
  if (id === null) return 'default';
  if (call.account.chats.get(id)?.chat.type !== 'private') throw badRequest('chat not found');
  return String(id);
}

export const setMyDefaultAdministratorRights: Method = (call) => {
  const rights = json(call, 'rights');
  call.account.keep('admin_rights', rightsKey(call), isObject(rights) ? rights : null);
  return { result: true };
};

export const getMyDefaultAdministratorRights: Method = (call) => {
  const none = Object.fromEntries(['is_anonymous', ...ADMIN_RIGHTS].map((right) => [right, false]));
  return { result: { ...none, ...call.account.kept('admin_rights', rightsKey(call)) } };
};

const rightsKey = (call: Call): string => (flag(call, 'for_channels') ? 'channels' : 'groups');

export const setMyProfilePhoto: Method = (call) => {
  const { account } = call;
  const photo = json(call, 'photo');
  if (!isObject(photo)) throw badRequest('there is no photo in the request');
  const isStatic = photo['type'] === 'static';
  const { fields } = attachedMedia(call, 'photo', stringOf(photo[isStatic ? 'photo' : 'animation']));
  account.keep('profile_photos', String(account.bot.id), [fields['photo'] as unknown[], ...(account.kept('profile_photos', String(account.bot.id)) ?? [])].slice(0, PROFILE_PHOTOS_MAX));
  return { result: true };
};

export const removeMyProfilePhoto: Method = ({ account }) => {
  const key = String(account.bot.id);
  account.keep('profile_photos', key, (account.kept('profile_photos', key) ?? []).slice(1));
  return { result: true };
};

const PROFILE_PHOTOS_MAX = 100;

export const getUserProfilePhotos: Method = (call) => {
  const { account } = call;
  const id = integer(call, 'user_id');
  if (id === null || (id !== account.bot.id && !account.users.has(id))) throw badRequest('user not found');
  const photos = account.kept('profile_photos', String(id)) ?? [];
  const offset = Math.max(0, integer(call, 'offset') ?? 0);
  const limit = Math.min(Math.max(1, integer(call, 'limit') ?? PROFILE_PHOTOS_MAX), PROFILE_PHOTOS_MAX);
  return { result: { total_count: photos.length, photos: photos.slice(offset, offset + limit) } };
};
