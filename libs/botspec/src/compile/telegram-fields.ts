/** What `reply` may send, the Bot API method for it, and the fields of each method (Bot API 10.x). */
const COMMON = ['message_thread_id', 'direct_messages_topic_id', 'business_connection_id', 'disable_notification', 'protect_content', 'allow_paid_broadcast', 'message_effect_id', 'suggested_post_parameters', 'reply_parameters', 'reply_markup'];
const CAPTION = ['caption', 'parse_mode', 'caption_entities'];
const VISUAL = ['show_caption_above_media', 'has_spoiler'];

export interface SendMethod {
  method: string;
  fields: readonly string[];
}

export const SEND_METHODS: { readonly [body: string]: SendMethod } = {
  text: { method: 'sendMessage', fields: ['parse_mode', 'entities', 'link_preview_options', ...COMMON] },
  photo: { method: 'sendPhoto', fields: [...CAPTION, ...VISUAL, ...COMMON] },
  document: { method: 'sendDocument', fields: ['thumbnail', ...CAPTION, 'disable_content_type_detection', ...COMMON] },
  video: { method: 'sendVideo', fields: ['duration', 'width', 'height', 'thumbnail', 'cover', 'start_timestamp', 'supports_streaming', ...CAPTION, ...VISUAL, ...COMMON] },
  audio: { method: 'sendAudio', fields: ['duration', 'performer', 'title', 'thumbnail', ...CAPTION, ...COMMON] },
  voice: { method: 'sendVoice', fields: ['duration', ...CAPTION, ...COMMON] },
  sticker: { method: 'sendSticker', fields: ['emoji', ...COMMON] },
  animation: { method: 'sendAnimation', fields: ['duration', 'width', 'height', 'thumbnail', ...CAPTION, ...VISUAL, ...COMMON] },
  location: { method: 'sendLocation', fields: COMMON },
};

export const LOCATION_FIELDS = ['latitude', 'longitude', 'horizontal_accuracy', 'live_period', 'heading', 'proximity_alert_radius'];

/** What an inline button does: exactly one of these, or our `goto`. */
export const INLINE_ACTIONS = ['url', 'web_app', 'login_url', 'switch_inline_query', 'switch_inline_query_current_chat', 'switch_inline_query_chosen_chat', 'copy_text', 'callback_game', 'pay'];
export const BUTTON_LOOKS = ['icon_custom_emoji_id', 'style'];
export const KEYBOARD_ACTIONS = ['request_users', 'request_chat', 'request_managed_bot', 'request_contact', 'request_location', 'request_poll', 'web_app'];

/** Kinds of reply_markup and their fields. */
export const MARKUPS: { readonly [kind: string]: readonly string[] } = {
  inline_keyboard: [],
  keyboard: ['is_persistent', 'resize_keyboard', 'one_time_keyboard', 'input_field_placeholder', 'selective'],
  remove_keyboard: ['selective'],
  force_reply: ['input_field_placeholder', 'selective'],
};
