import type { FastifyInstance, FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { BotAccount } from '../../app/bot-account.ts';
import { deleteAsUser } from '../../app/control/delete-as-user.ts';
import { changeMember, createChat, setBlocked } from '../../app/control/groups.ts';
import { askInline, chooseInline } from '../../app/control/inline.ts';
import { requestToJoin } from '../../app/control/join.ts';
import { pay } from '../../app/control/pay.ts';
import { reactAsUser } from '../../app/control/react.ts';
import { pressButton } from '../../app/control/press-button.ts';
import { editAsUser, sendAsUser } from '../../app/control/send-as-user.ts';
import { voteAsUser } from '../../app/control/vote.ts';
import type { CallRecord, EventRecord } from '../../app/records.ts';
import { poll } from '../../app/signal.ts';
import type { Simulator } from '../../app/simulator.ts';
import { ControlError } from '../../domain/control-error.ts';
import type { UpdateRecord } from '../../domain/types.ts';
import { LOG_PAGE_MAX } from '../../limits.ts';
import { INPUT, read } from './control-input.ts';
import type { Stopping } from './stopping.ts';

interface ChatPath {
  Params: { token: string; chatId: string };
}

/** What tests and the playground do to the simulated Telegram, and what they can see of it: all below /_sim/. */
export class ControlRoutes {
  constructor(
    private readonly simulator: Simulator,
    private readonly stopping: Stopping,
  ) {}

  register(server: FastifyInstance): void {
    this.registerActs(server);
    this.registerFaults(server);
    this.registerChats(server);
    this.registerRecords(server);
  }

  private registerActs(server: FastifyInstance): void {
    const { simulator } = this;
    this.post(server, 'bots', INPUT.bots, (input) => {
      const { token, bot } = simulator.accounts.create(input);
      return { token, id: bot.id, username: bot.username };
    });
    this.post(server, 'reset', INPUT.reset, ({ token }) => done(simulator.reset(token)));
    this.post(server, 'messages', INPUT.messages, ({ token, ...input }) => sendAsUser(this.account(token), input, Date.now()));
    this.post(server, 'edits', INPUT.edits, ({ token, ...input }) => editAsUser(this.account(token), input, Date.now()));
    this.post(server, 'deletes', INPUT.deletes, ({ token, ...input }) => done(deleteAsUser(this.account(token), input, Date.now())));
    this.post(server, 'reactions', INPUT.reactions, ({ token, ...input }) => ({ update_id: reactAsUser(this.account(token), input, Date.now()) }));
    this.post(server, 'callbacks', INPUT.callbacks, ({ token, ...input }, abort) => pressButton(this.account(token), input, Date.now(), abort()));
    this.post(server, 'votes', INPUT.votes, ({ token, ...input }) => voteAsUser(this.account(token), input, Date.now()));
    this.post(server, 'inline', INPUT.inline, ({ token, ...input }, abort) => askInline(this.account(token), input, Date.now(), abort()));
    this.post(server, 'inline/choose', INPUT.inlineChoose, ({ token, ...input }) => chooseInline(this.account(token), input, Date.now()));
    this.post(server, 'privacy', INPUT.privacy, ({ token, privacy }) => done(this.account(token).setPrivacy(privacy)));
    this.post(server, 'chats', INPUT.chats, (input) => createChat(simulator.accounts, input, Date.now()));
    this.post(server, 'members', INPUT.members, (input) => done(changeMember(simulator.accounts, input, Date.now())));
    this.post(server, 'block', INPUT.block, ({ token, from, blocked }) => done(setBlocked(this.account(token), from, blocked, Date.now())));
    this.post(server, 'join', INPUT.join, ({ token, ...input }) => requestToJoin(this.account(token), input, Date.now()));
    this.post(server, 'pay', INPUT.pay, ({ token, ...input }, abort) => pay(this.account(token), input, abort()));
    this.post(server, 'updates', INPUT.updates, ({ token, update }) => ({ update_id: simulator.pushUpdate(this.account(token), update) }));
    this.post(server, 'redeliver', INPUT.redeliver, ({ token, update_id, times }) => done(simulator.redeliver(this.account(token), update_id, times)));
  }

  private registerFaults(server: FastifyInstance): void {
    const { faults } = this.simulator.accounts;
    this.post(server, 'faults', INPUT.faults, ({ token, method, chat_id, kind, retry_after, delay_ms, description, count }) => {
      if (token !== undefined) this.account(token);
      const { id } = faults.add({
        kind, count, ...(token !== undefined && { token }), ...(method !== undefined && { method }), ...(chat_id !== undefined && { chatId: chat_id }),
        ...(retry_after !== undefined && { retryAfterS: retry_after }), ...(delay_ms !== undefined && { delayMs: delay_ms }), ...(description !== undefined && { description }),
      });
      return { id };
    });
    server.get('/_sim/faults', ({ query }) => {
      const { token } = read(INPUT.listFaults, query);
      return { faults: faults.list().filter((fault) => token === undefined || fault.token === undefined || fault.token === token) };
    });
    server.delete<{ Params: { id: string } }>('/_sim/faults/:id', ({ params: { id } }) => {
      if (!faults.remove(id)) throw new ControlError(404, `id: fault ${id} is not waiting; it may have happened already`);
      return { ok: true };
    });
  }

  private registerChats(server: FastifyInstance): void {
    server.get<ChatPath>('/_sim/chats/:token/:chatId/messages', async ({ params, query }, reply) => {
      const account = this.account(params.token);
      const chatId = readChatId(params.chatId);
      const { after, wait } = read(INPUT.chatMessages, query);
      const messages = await poll(account.signals, chatId, wait * 1_000, this.abort(reply), () => some(account.messagesAfter(chatId, after)));
      return { messages: messages ?? [] };
    });
    server.get<ChatPath>('/_sim/chats/:token/:chatId/events', async ({ params, query }, reply) => {
      const account = this.account(params.token);
      const chatId = readChatId(params.chatId);
      const { after, wait } = read(INPUT.chatEvents, query);
      const look = (): EventRecord[] | null => some(account.events.after(after, LOG_PAGE_MAX, (event) => event.chat_id === chatId));
      return { events: (await poll(account.signals, chatId, wait * 1_000, this.abort(reply), look)) ?? [] };
    });
  }

  private registerRecords(server: FastifyInstance): void {
    server.get('/_sim/calls', async ({ query }, reply) => {
      const { token, method, chat_id, after, wait } = read(INPUT.calls, query);
      const account = this.account(token);
      const wanted = method?.toLowerCase();
      const fits = (call: CallRecord): boolean =>
        (wanted === undefined || call.method.toLowerCase() === wanted) && (chat_id === undefined || call.chat_id === chat_id);
      const look = (): CallRecord[] | null => some(account.calls.after(after, LOG_PAGE_MAX, fits));
      return { calls: (await poll(account.signals, 'calls', wait * 1_000, this.abort(reply), look)) ?? [] };
    });
    server.get('/_sim/deliveries', ({ query }) => {
      const { token, update_id, after } = read(INPUT.deliveries, query);
      const account = this.account(token);
      const deliveries = account.deliveries.after(after, LOG_PAGE_MAX, (delivery) => update_id === undefined || delivery.update_id === update_id);
      return { deliveries, pending: account.pending.size };
    });
    server.get('/_sim/updates', ({ query }) => this.seenUpdates(query));
    server.get('/_sim/stats', () => this.simulator.stats());
  }

  /** Updates as the bot got them, newest last: what the playground's drawer shows. */
  private seenUpdates(query: unknown): { updates: (UpdateRecord & { pending: boolean })[] } {
    const { token, chat_id, message_id } = read(INPUT.seenUpdates, query);
    const account = this.account(token);
    const fits = (record: UpdateRecord): boolean =>
      (chat_id === undefined || record.chatId === chat_id) && (message_id === undefined || record.messageId === message_id);
    const pick = (records: Iterable<UpdateRecord>, pending: boolean): (UpdateRecord & { pending: boolean })[] =>
      [...records].filter(fits).map((record) => ({ ...record, pending }));
    return { updates: [...pick(account.settled.values(), false), ...pick(account.pending.values(), true)].slice(-LOG_PAGE_MAX) };
  }

  /** A POST whose body has this shape; acts that wait ask for the signal that ends their waiting. */
  private post<S extends z.ZodType>(server: FastifyInstance, path: string, schema: S, act: (input: z.output<S>, abort: () => AbortSignal) => unknown): void {
    server.post(`/_sim/${path}`, async (request, reply) => act(read(schema, request.body), () => this.abort(reply)));
  }

  private account(token: string): BotAccount {
    return this.simulator.accounts.get(token);
  }

  private abort(reply: FastifyReply): AbortSignal {
    return this.stopping.signalFor(reply.raw);
  }
}

const done = (_: void): { ok: true } => ({ ok: true });

/** An empty list is nothing yet, for a long poll. */
const some = <T>(list: T[]): T[] | null => (list.length > 0 ? list : null);

function readChatId(text: string): number {
  const id = Number(text);
  if (!Number.isSafeInteger(id)) throw new ControlError(400, `chat_id: ${text} is not a whole number; use the id of a chat, or of a user for the private chat`);
  return id;
}
