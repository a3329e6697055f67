import { Controller, Delete, Get, Inject, Param, Query, Req, UseFilters, UseGuards } from '@nestjs/common';
import type { z } from 'zod';
import { EraseMessages } from '../../app/erase-messages.ts';
import type { MessageCursor } from '../../app/message-ports.ts';
import { ReadMessages } from '../../app/read-messages.ts';
import type { StoredMessage } from '../../domain/stored-message.ts';
import { ApiKeyGuard, NeedsScope } from './api-key.guard.ts';
import type { CalledRequest } from './api-key.guard.ts';
import { ErrorFilter } from './error.filter.ts';
import { parse } from './parse.ts';
import { chatParams, listMessagesQuery, userParams } from './schemas.ts';
import type { messageList, messageView, purgeReport } from './schemas.ts';

/** Kept messages over REST. */
@Controller('bots/:botId')
@UseGuards(ApiKeyGuard)
@UseFilters(ErrorFilter)
export class MessagesController {
  constructor(
    @Inject(ReadMessages) private readonly messages: ReadMessages,
    @Inject(EraseMessages) private readonly erasing: EraseMessages,
  ) {}

  @Get('chats/:chatId/messages')
  @NeedsScope('messages:read')
  async list(@Param() params: unknown, @Query() query: unknown): Promise<z.output<typeof messageList>> {
    const { botId, chatId } = parse(chatParams, params, 'path');
    const { role, kind, user, thread, since, until, limit, cursor } = parse(listMessagesQuery, query, 'query');
    const filter = { botId, chatId, role, kind, userId: bigOf(user), threadId: bigOf(thread), since: dateOf(since), until: dateOf(until) };
    const { items, next } = await this.messages.page(filter, cursor === undefined ? undefined : readCursor(cursor), limit);
    return { items: items.map(toView), next: next === null ? null : `${next.createdAt.getTime()}.${next.id}` };
  }

  @Delete('chats/:chatId/messages')
  @NeedsScope('messages:erase')
  async eraseChat(@Req() request: CalledRequest, @Param() params: unknown): Promise<z.output<typeof purgeReport>> {
    return this.erasing.execute(request.caller, parse(chatParams, params, 'path'));
  }

  @Delete('users/:userId/messages')
  @NeedsScope('messages:erase')
  async eraseUser(@Req() request: CalledRequest, @Param() params: unknown): Promise<z.output<typeof purgeReport>> {
    const { botId, userId } = parse(userParams, params, 'path');
    return this.erasing.execute(request.caller, { botId, userId: BigInt(userId) });
  }
}

function toView(row: StoredMessage): z.output<typeof messageView> {
  const { id, createdAt, threadId, userId, telegramMessageId, telegramUpdateId, externalId: _externalId, ...rest } = row;
  const text = (value: bigint | null): string | null => value?.toString() ?? null;
  return { id: id.toString(), createdAt: createdAt.toISOString(), ...rest, threadId: text(threadId), userId: text(userId), telegramMessageId: text(telegramMessageId), telegramUpdateId: text(telegramUpdateId) };
}

function readCursor(cursor: string): MessageCursor {
  const [ms = '0', id = '0'] = cursor.split('.');
  return { createdAt: new Date(Number(ms)), id: BigInt(id) };
}

const bigOf = (text: string | undefined): bigint | undefined => (text === undefined ? undefined : BigInt(text));
const dateOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));
