import { badRequest } from '../../domain/api-error.ts';
import { makeMedia } from '../../domain/media.ts';
import { asAnswer, sendContent } from './compose.ts';
import type { Call, Method } from './params.ts';
import { flag, integer, text } from './params.ts';

/** A game is whatever short name the bot sends: there is no list of games here that could refuse one. */
export const sendGame: Method = (call) => ({
  result: sendContent(call, () => {
    const name = text(call, 'game_short_name');
    if (!/^\w{1,64}$/.test(name)) throw badRequest('wrong game short name specified');
    return { game: { title: name, description: name, photo: makeMedia('photo', { name: `${name}.jpg` }).fields['photo'] } };
  }),
});

export const setGameScore: Method = (call) => {
  const { account } = call;
  const user = account.users.get(integer(call, 'user_id') ?? 0);
  if (!user) throw badRequest('USER_ID_INVALID');
  const score = integer(call, 'score') ?? -1;
  if (score < 0) throw badRequest('SCORE_INVALID');
  const key = `${placeOf(call)}:${user.id}`;
  const before = account.kept('game_score', key)?.score ?? -1;
  if (score <= before && !flag(call, 'force')) throw badRequest('BOT_SCORE_NOT_MODIFIED');
  account.keep('game_score', key, { user, score });
  const message = account.message(integer(call, 'chat_id') ?? 0, integer(call, 'message_id') ?? 0);
  return { result: message ? asAnswer(message) : true };
};

export const getGameHighScores: Method = (call) => {
  const place = `${placeOf(call)}:`;
  const scores = [...call.account.shelf('game_score')].filter(([key]) => key.startsWith(place)).map(([, one]) => one);
  return { result: scores.sort((a, b) => b.score - a.score).map(({ user, score }, index) => ({ position: index + 1, user, score })) };
};

function placeOf(call: Call): string {
  const inline = text(call, 'inline_message_id');
  if (inline !== '') return inline;
  const chatId = integer(call, 'chat_id');
  const messageId = integer(call, 'message_id');
  if (chatId === null || messageId === null || call.account.message(chatId, messageId)?.['game'] === undefined) throw badRequest('MESSAGE_ID_INVALID');
  return `${chatId}:${messageId}`;
}
