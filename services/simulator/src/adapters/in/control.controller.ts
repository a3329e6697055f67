import type { ServerResponse } from 'node:http';
import { All, Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import type { BotAccount } from '../../app/bot-account.ts';
import { changeMember, createChat, setBlocked } from '../../app/control/groups.ts';
import type { Requested } from '../../app/control/join.ts';
import { requestToJoin } from '../../app/control/join.ts';
import type { Paid } from '../../app/control/pay.ts';
import { pay } from '../../app/control/pay.ts';
import { reactAsUser } from '../../app/control/react.ts';
import type { Pressed } from '../../app/control/press-button.ts';
import { pressButton } from '../../app/control/press-button.ts';
import { editAsUser, sendAsUser } from '../../app/control/send-as-user.ts';
import type { SentMessage } from '../../app/control/send-as-user.ts';
import type { CallRecord, DeliveryRecord, EventRecord } from '../../app/records.ts';
import { poll } from '../../app/signal.ts';
import { Simulator } from '../../app/simulator.ts';
import { ControlError } from '../../domain/control-error.ts';
import type { SimChat, SimMessage, UpdateRecord } from '../../domain/types.ts';
import { LOG_PAGE_MAX } from '../../limits.ts';
import { ControlErrorFilter } from './control-error.filter.ts';
import { INPUT, read } from './control-input.ts';
import { LoopbackGuard } from './loopback.guard.ts';
import { Stopping } from './stopping.ts';

interface RawReply {
  raw: ServerResponse;
}

/** What tests and the playground do to the simulated Telegram. */
@Controller('_sim')
@UseGuards(LoopbackGuard)
@UseFilters(ControlErrorFilter)
export class ControlController {
  constructor(
    @Inject(Simulator) private readonly simulator: Simulator,
    @Inject(Stopping) private readonly stopping: Stopping,
  ) {}

  @Post('bots') @HttpCode(200)
  bots(@Body() body: unknown): { token: string; id: number; username: string } {
    const { token, bot } = this.simulator.accounts.create(read(INPUT.bots, body));
    return { token, id: bot.id, username: bot.username };
  }

  @Post('reset') @HttpCode(200)
  reset(@Body() body: unknown): { ok: true } {
    this.simulator.reset(read(INPUT.reset, body).token);
    return { ok: true };
  }

  @Post('messages') @HttpCode(200)
  messages(@Body() body: unknown): SentMessage {
    const { token, ...input } = read(INPUT.messages, body);
    return sendAsUser(this.account(token), input, Date.now());
  }

  @Post('edits') @HttpCode(200)
  edits(@Body() body: unknown): SentMessage {
    const { token, ...input } = read(INPUT.edits, body);
    return editAsUser(this.account(token), input, Date.now());
  }

  @Post('reactions') @HttpCode(200)
  reactions(@Body() body: unknown): { update_id: number | null } {
    const { token, ...input } = read(INPUT.reactions, body);
    return { update_id: reactAsUser(this.account(token), input, Date.now()) };
  }

  @Post('callbacks') @HttpCode(200)
  callbacks(@Body() body: unknown, @Res({ passthrough: true }) reply: RawReply): Promise<Pressed> {
    const { token, ...input } = read(INPUT.callbacks, body);
    return pressButton(this.account(token), input, Date.now(), this.abort(reply));
  }

  @Post('chats') @HttpCode(200)
  chats(@Body() body: unknown): SimChat {
    return createChat(this.simulator.accounts, read(INPUT.chats, body), Date.now());
  }

  @Post('members') @HttpCode(200)
  members(@Body() body: unknown): { ok: true } {
    changeMember(this.simulator.accounts, read(INPUT.members, body), Date.now());
    return { ok: true };
  }

  @Post('block') @HttpCode(200)
  block(@Body() body: unknown): { ok: true } {
    const { token, from, blocked } = read(INPUT.block, body);
    setBlocked(this.account(token), from, blocked, Date.now());
    return { ok: true };
  }

  @Post('join') @HttpCode(200)
  join(@Body() body: unknown): Requested {
    const { token, ...input } = read(INPUT.join, body);
    return requestToJoin(this.account(token), input, Date.now());
  }

  @Post('pay') @HttpCode(200)
  pay(@Body() body: unknown, @Res({ passthrough: true }) reply: RawReply): Promise<Paid> {
    const { token, ...input } = read(INPUT.pay, body);
    return pay(this.account(token), input, this.abort(reply));
  }

  @Post('updates') @HttpCode(200)
  updates(@Body() body: unknown): { update_id: number } {
    const { token, update } = read(INPUT.updates, body);
    return { update_id: this.simulator.pushUpdate(this.account(token), update) };
  }

  @Post('redeliver') @HttpCode(200)
  redeliver(@Body() body: unknown): { ok: true } {
    const { token, update_id, times } = read(INPUT.redeliver, body);
    this.simulator.redeliver(this.account(token), update_id, times);
    return { ok: true };
  }

  @Post('faults') @HttpCode(200)
  faults(@Body() body: unknown): { id: string } {
    const { token, method, chat_id, kind, retry_after, delay_ms, description, count } = read(INPUT.faults, body);
    if (token !== undefined) this.account(token);
    const { id } = this.simulator.accounts.faults.add({
      kind, count, ...(token !== undefined && { token }), ...(method !== undefined && { method }), ...(chat_id !== undefined && { chatId: chat_id }),
      ...(retry_after !== undefined && { retryAfterS: retry_after }), ...(delay_ms !== undefined && { delayMs: delay_ms }), ...(description !== undefined && { description }),
    });
    return { id };
  }

  @Delete('faults/:id')
  removeFault(@Param('id') id: string): { ok: true } {
    if (!this.simulator.accounts.faults.remove(id)) throw new ControlError(404, `id: fault ${id} is not waiting; it may have happened already`);
    return { ok: true };
  }

  @Get('chats/:token/:chatId/messages')
  async chatMessages(@Param('token') token: string, @Param('chatId') chat: string, @Query() query: unknown, @Res({ passthrough: true }) reply: RawReply): Promise<{ messages: SimMessage[] }> {
    const account = this.account(token);
    const chatId = readChatId(chat);
    const { after, wait } = read(INPUT.chatMessages, query);
    const messages = await poll(account.signals, chatId, wait * 1000, this.abort(reply), () => some(account.messagesAfter(chatId, after)));
    return { messages: messages ?? [] };
  }

  @Get('chats/:token/:chatId/events')
  async chatEvents(@Param('token') token: string, @Param('chatId') chat: string, @Query() query: unknown, @Res({ passthrough: true }) reply: RawReply): Promise<{ events: EventRecord[] }> {
    const account = this.account(token);
    const chatId = readChatId(chat);
    const { after, wait } = read(INPUT.chatEvents, query);
    const look = (): EventRecord[] | null => some(account.events.after(after, LOG_PAGE_MAX, (event) => event.chat_id === chatId));
    return { events: (await poll(account.signals, chatId, wait * 1000, this.abort(reply), look)) ?? [] };
  }

  @Get('calls')
  async calls(@Query() query: unknown, @Res({ passthrough: true }) reply: RawReply): Promise<{ calls: CallRecord[] }> {
    const { token, method, chat_id, after, wait } = read(INPUT.calls, query);
    const account = this.account(token);
    const wanted = method?.toLowerCase();
    const fits = (call: CallRecord): boolean =>
      (wanted === undefined || call.method.toLowerCase() === wanted) && (chat_id === undefined || call.chat_id === chat_id);
    const look = (): CallRecord[] | null => some(account.calls.after(after, LOG_PAGE_MAX, fits));
    return { calls: (await poll(account.signals, 'calls', wait * 1000, this.abort(reply), look)) ?? [] };
  }

  @Get('deliveries')
  deliveries(@Query() query: unknown): { deliveries: DeliveryRecord[]; pending: number } {
    const { token, update_id, after } = read(INPUT.deliveries, query);
    const account = this.account(token);
    const deliveries = account.deliveries.after(after, LOG_PAGE_MAX, (delivery) => update_id === undefined || delivery.update_id === update_id);
    return { deliveries, pending: account.pending.size };
  }

  /** Updates as the bot got them, newest last: what the playground's drawer shows. */
  @Get('updates')
  seenUpdates(@Query() query: unknown): { updates: (UpdateRecord & { pending: boolean })[] } {
    const { token, chat_id, message_id } = read(INPUT.seenUpdates, query);
    const account = this.account(token);
    const fits = (record: UpdateRecord): boolean =>
      (chat_id === undefined || record.chatId === chat_id) && (message_id === undefined || record.messageId === message_id);
    const pick = (records: Iterable<UpdateRecord>, pending: boolean): (UpdateRecord & { pending: boolean })[] =>
      [...records].filter(fits).map((record) => ({ ...record, pending }));
    return { updates: [...pick(account.settled.values(), false), ...pick(account.pending.values(), true)].slice(-LOG_PAGE_MAX) };
  }

  @Get('stats')
  stats(): Record<string, unknown> {
    return this.simulator.stats();
  }

  /** After all others: a path that does not exist is refused as everything else here is. */
  @All('*')
  unknown(@Req() request: { method: string; url: string }): never {
    throw new ControlError(404, `path: there is no ${request.method} ${request.url.split('?')[0]}; the README of services/simulator lists what there is`);
  }

  private account(token: string): BotAccount {
    return this.simulator.accounts.get(token);
  }

  private abort(reply: RawReply): AbortSignal {
    return this.stopping.signalFor(reply.raw);
  }
}

/** An empty list is nothing yet, for a long poll. */
const some = <T>(list: T[]): T[] | null => (list.length > 0 ? list : null);

function readChatId(text: string): number {
  const id = Number(text);
  if (!Number.isSafeInteger(id)) throw new ControlError(400, `chat_id: ${text} is not a whole number; use the id of a chat, or of a user for the private chat`);
  return id;
}
