/** Code that follows a test bot's own in `bot.js`: what no compiler would make. */

/** Texts that end with this make the guest of a poisoned bot loop for ever. */
export const POISON_SUFFIX = ' poison';
/** Between the data of a pressed button and the number of the update. */
export const PRESS_SEPARATOR = '#';

/**
 * BotSpec looks at messages and presses only. Here every kind of update carries its number and reaches the flow, since the promises about
 * order and effects are made for all of them: edits, reactions and changes of membership become messages, presses stay presses.
 */
export const ALL_KINDS_CODE = `
;(() => {
  const inner = botplane.run;
  const spoken = ({ chat, from, user, date, message_id }, text) => ({ message_id: message_id ?? 1, chat, from: from ?? user, date, text });
  const heard = ({ update_id, edited_message, message_reaction, my_chat_member, callback_query, message }) => {
    if (edited_message) return { update_id, message: spoken(edited_message, edited_message.text) };
    if (message_reaction) return { update_id, message: spoken(message_reaction, message_reaction.new_reaction[0].custom_emoji_id) };
    if (my_chat_member) return { update_id, message: spoken(my_chat_member, my_chat_member.invite_link.name) };
    if (!callback_query) return { update_id, message };
    const [data, text] = callback_query.data.split(${JSON.stringify(PRESS_SEPARATOR)});
    return { update_id, callback_query: { ...callback_query, data, message: { ...callback_query.message, text } } };
  };
  botplane = { run: (json) => {
    const input = JSON.parse(json);
    if (input.event.kind === 'update') input.event.update = heard(input.event.update);
    return inner(JSON.stringify(input));
  } };
})();
`;

/** A step that never ends. */
export const POISON_CODE = `
;(() => {
  const inner = botplane.run;
  botplane = { run: (json) => {
    const text = JSON.parse(json).event?.update?.message?.text;
    while (typeof text === 'string' && text.endsWith(${JSON.stringify(POISON_SUFFIX)}));
    return inner(json);
  } };
})();
`;
