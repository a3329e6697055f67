/** What the page reads of the simulator's answers. Objects of the Bot API keep Telegram's spelling. */
export interface Entity {
  type: string;
  offset: number;
  length: number;
  url?: string;
  language?: string;
  user?: { id: number; first_name: string };
}

export interface InlineButton {
  text: string;
  callback_data?: string;
  url?: string;
  pay?: boolean;
  copy_text?: { text: string };
  login_url?: { url: string };
  web_app?: { url: string };
  switch_inline_query?: string;
  switch_inline_query_current_chat?: string;
}

export interface KeyboardButton {
  text: string;
  request_contact?: boolean;
  request_location?: boolean;
  request_poll?: { type?: string };
  request_users?: unknown;
  request_chat?: unknown;
  web_app?: { url: string };
}

export interface ReplyMarkup {
  inline_keyboard?: InlineButton[][];
  keyboard?: KeyboardButton[][];
  resize_keyboard?: boolean;
  one_time_keyboard?: boolean;
  is_persistent?: boolean;
  selective?: boolean;
  input_field_placeholder?: string;
  remove_keyboard?: boolean;
  force_reply?: boolean;
}

export interface FileRef {
  file_id: string;
  file_name?: string;
  file_size?: number;
  mime_type?: string;
  width?: number;
  height?: number;
  duration?: number;
  title?: string;
  performer?: string;
  emoji?: string;
  length?: number;
}

export interface Poll {
  id: string;
  question: string;
  options: { text: string; voter_count: number }[];
  total_voter_count: number;
  is_closed: boolean;
  is_anonymous: boolean;
  type: string;
  allows_multiple_answers: boolean;
  allows_revoting?: boolean;
  correct_option_ids?: number[];
  explanation?: string;
}

export interface Invoice {
  title: string;
  description: string;
  currency: string;
  total_amount: number;
}

export interface User {
  id: number;
  is_bot?: boolean;
  first_name: string;
  last_name?: string;
  username?: string;
  language_code?: string;
}

export interface TelegramChat {
  id: number;
  type: 'private' | 'group' | 'supergroup' | 'channel';
  title?: string;
  first_name?: string;
}

export interface Message {
  message_id: number;
  date: number;
  edit_date?: number;
  chat: TelegramChat;
  from: User & { is_bot: boolean };
  text?: string;
  entities?: Entity[];
  caption?: string;
  caption_entities?: Entity[];
  media_group_id?: string;
  has_media_spoiler?: boolean;
  photo?: FileRef[];
  document?: FileRef;
  video?: FileRef;
  video_note?: FileRef;
  audio?: FileRef;
  voice?: FileRef;
  animation?: FileRef;
  sticker?: FileRef;
  location?: { latitude: number; longitude: number };
  venue?: { title: string; address: string };
  contact?: { phone_number: string; first_name: string };
  dice?: { emoji: string; value: number };
  poll?: Poll;
  invoice?: Invoice;
  successful_payment?: { currency: string; total_amount: number };
  new_chat_members?: User[];
  left_chat_member?: User;
  new_chat_title?: string;
  pinned_message?: Message;
  quote?: { text: string };
  reply_to_message?: Message;
  reply_markup?: ReplyMarkup;
}

export interface Command {
  command: string;
  description: string;
}

export type MemberStatus = 'creator' | 'administrator' | 'member' | 'restricted' | 'left' | 'kicked';

export interface Member {
  user: User;
  status: MemberStatus;
}

export interface ReactionType {
  type: string;
  emoji?: string;
}

export interface GivenReaction {
  user_id: number;
  reaction: ReactionType[];
}

export interface ChatRow {
  chat: TelegramChat;
  present: boolean;
  last: Message | null;
}

/** A chat as one user sees it. */
export interface ChatView {
  token: string;
  id: number;
  username: string;
  name: string;
  about: string;
  privacy: boolean;
  live: boolean;
  pending: number;
  commands: Command[];
  chat: TelegramChat;
  blocked: boolean;
  bot_status: MemberStatus;
  status: MemberStatus;
  members: Member[];
  requests: User[];
  chats: ChatRow[];
  users: User[];
  messages: Message[];
  more: boolean;
  reactions: { message_id: number; reactions: GivenReaction[] }[];
  votes: { message_id: number; option_ids: number[] }[];
  seq: number;
}

export type ChatEvent = { seq: number; time: number; chat_id: number } & (
  | { kind: 'message' | 'edit'; message: Message }
  | { kind: 'delete'; message_id: number }
  | { kind: 'callback_answer'; callback_query_id: string; user_id: number; text: string; show_alert: boolean; url: string }
  | { kind: 'chat_action'; action: string }
  | { kind: 'draft'; draft_id: number; text: string; entities?: Entity[] }
  | { kind: 'reaction'; message_id: number; from: User; reaction: ReactionType[] }
  | { kind: 'pin'; message_id: number | null }
);

export interface Call {
  seq: number;
  time: number;
  method: string;
  status: number | null;
  params: unknown;
  response: unknown;
  fault?: string;
}

export interface TracedUpdate {
  update: { update_id: number };
  kind: string;
  time: number;
  pending: boolean;
  deliveries: { attempt: number; status: number | null; ms: number; error?: string }[];
  calls: Call[];
}

export interface Trace {
  updates: TracedUpdate[];
  sentBy: Call | null;
  answers: TracedUpdate | null;
}

export interface BotRow {
  username: string;
  name: string;
  live: boolean;
  pending: number;
  last: Message | null;
}

export interface Fault {
  id: string;
  kind: string;
  token?: string;
  method?: string;
  count: number;
  retryAfterS?: number;
  delayMs?: number;
}

/** Somebody to chat as. */
export interface Person {
  id: number;
  first_name: string;
  language_code: string;
}

export interface Paid {
  status: 'paid' | 'refused' | 'timeout' | 'declined';
  error_message?: string;
}

/** What happened in a conversation, for the export. */
export type TranscriptEntry = { time: number } & (
  | { kind: 'said'; message: Message }
  | { kind: 'edited'; message: Message }
  | { kind: 'sent'; message: Message; method: string | null; params: Record<string, unknown> | null; isAnswer: boolean }
  | { kind: 'pressed'; from: User; label: string; data: string; message_id: number }
  | { kind: 'answered'; text: string; show_alert: boolean }
);

export interface Transcript {
  bot: { id: number; username: string };
  chat: TelegramChat;
  entries: TranscriptEntry[];
  truncated: boolean;
}
