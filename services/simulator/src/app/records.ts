import type { User } from '@grammyjs/types';
import type { Sequenced } from '../domain/bounded-log.ts';
import type { FaultKind } from '../domain/faults.ts';
import type { SimMessage } from '../domain/types.ts';

/** An uploaded file as it is listed with a call. */
export interface UploadSummary {
  field: string;
  file_name: string;
  mime_type: string;
  size: number;
}

/** One call of the Bot API. `time` is milliseconds since 1970. */
export interface CallRecord extends Sequenced {
  time: number;
  method: string;
  chat_id: number | null;
  params: Record<string, unknown>;
  files: UploadSummary[];
  /** HTTP status of the answer; null when the caller got none. */
  status: number | null;
  response: unknown;
  fault?: FaultKind;
}

/** One try to deliver one update. */
export interface DeliveryRecord extends Sequenced {
  update_id: number;
  kind: string;
  attempt: number;
  time: number;
  /** HTTP status of the webhook; null when it gave none. */
  status: number | null;
  ms: number;
  error?: string;
}

/** What can be seen happening in a chat. */
export type EventBody =
  | { kind: 'message'; message: SimMessage }
  | { kind: 'edit'; message: SimMessage }
  | { kind: 'delete'; message_id: number }
  | { kind: 'callback_answer'; callback_query_id: string; user_id: number; text: string; show_alert: boolean; url: string }
  | { kind: 'chat_action'; action: string; message_thread_id?: number }
  | { kind: 'reaction'; message_id: number; from: User; reaction: unknown; is_big?: true }
  | { kind: 'pin'; message_id: number | null; pinned: number[] }
  | { kind: 'draft'; draft_id: number; text: string; entities?: unknown; rich_message?: unknown; message_thread_id?: number };

export type EventRecord = Sequenced & { time: number; chat_id: number } & EventBody;
