/** What the page reads of the simulator's answers. */
export interface Entity {
  type: string;
  offset: number;
  length: number;
  url?: string;
  language?: string;
}

export interface InlineButton {
  text: string;
  callback_data?: string;
  url?: string;
}

export interface KeyboardButton {
  text: string;
  request_contact?: boolean;
  request_location?: boolean;
}

export interface ReplyMarkup {
  inline_keyboard?: InlineButton[][];
  keyboard?: KeyboardButton[][];
  one_time_keyboard?: boolean;
  input_field_placeholder?: string;
  remove_keyboard?: boolean;
  force_reply?: boolean;
}

export interface Message {
  message_id: number;
  date: number;
  edit_date?: number;
  from: { id: number; is_bot: boolean; first_name: string };
  text?: string;
  entities?: Entity[];
  caption?: string;
  caption_entities?: Entity[];
  photo?: { file_id: string }[];
  document?: { file_id: string; file_name?: string; file_size?: number };
  video?: { file_id: string; file_name?: string };
  audio?: { file_id: string; file_name?: string };
  voice?: { file_id: string };
  sticker?: { file_id: string; emoji?: string };
  location?: { latitude: number; longitude: number };
  contact?: { phone_number: string; first_name: string };
  reply_to_message?: Message;
  reply_markup?: ReplyMarkup;
}

export interface Command {
  command: string;
  description: string;
}

export interface Chat {
  token: string;
  id: number;
  username: string;
  name: string;
  live: boolean;
  pending: number;
  commands: Command[];
  messages: Message[];
  seq: number;
}

export type ChatEvent = { seq: number } & (
  | { kind: 'message' | 'edit'; message: Message }
  | { kind: 'delete'; message_id: number }
  | { kind: 'callback_answer'; callback_query_id: string; user_id: number; text: string; show_alert: boolean; url: string }
  | { kind: 'chat_action'; action: string }
  | { kind: 'reaction' }
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

/** Somebody to chat as. */
export interface Person {
  id: number;
  first_name: string;
  language_code: string;
}
