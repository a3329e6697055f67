import { readFile } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { BotAccount } from '../../app/bot-account.ts';
import { listBots } from '../../app/playground/bot-list.ts';
import { newestMessages, viewChat } from '../../app/playground/chat-view.ts';
import { transcriptOf } from '../../app/playground/transcript.ts';
import type { EventRecord } from '../../app/records.ts';
import { poll } from '../../app/signal.ts';
import type { Simulator } from '../../app/simulator.ts';
import type { StoredFile } from '../../app/stored-files.ts';
import { traceMessage } from '../../app/trace-message.ts';
import { ControlError } from '../../domain/control-error.ts';
import { LOG_PAGE_MAX } from '../../limits.ts';
import { INPUT, read } from './control-input.ts';
import type { Stopping } from './stopping.ts';

/** Where the build puts the page; the same from `src` and from `dist`. */
const PAGE_FOLDER = new URL('../../../dist/playground/', import.meta.url);

const TYPES = { 'app.js': 'text/javascript; charset=utf-8', 'app.css': 'text/css; charset=utf-8', 'index.html': 'text/html; charset=utf-8' } as const;
type PageFile = keyof typeof TYPES;

/** Only our own script and style; pictures and sounds may come from wherever a bot took them. */
const SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src * data: blob:; media-src * blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What a person or a bot uploaded may be a web page: it must not run here, where it could use /_sim. */
const FILE_POLICY = "default-src 'none'; sandbox";
/** Kinds that a browser shows by itself and that hold no script; all others are downloads. */
const SHOWN = /^(image\/(png|jpeg|gif|webp|avif|bmp)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;

interface BotPath {
  Params: { username: string };
}

/** The chat in the browser, and what it needs beside the control interface. */
export function registerPlayground(server: FastifyInstance, simulator: Simulator, stopping: Stopping): void {
  const find = (username: string): BotAccount => {
    const account = simulator.accounts.findByUsername(username);
    if (!account) throw new ControlError(404, `username: there is no bot @${username}; GET /play lists those there are`);
    return account;
  };

  for (const path of ['/play', '/play/:username']) server.get(path, (_request, reply) => sendPage(reply, 'index.html'));
  server.get<{ Params: { file: string } }>('/play/assets/:file', ({ params: { file } }, reply) => {
    if (!Object.hasOwn(TYPES, file)) throw new ControlError(404, `file: ${file} is not part of the playground`);
    return sendPage(reply, file as PageFile);
  });
  server.get('/_sim/playground', () => ({ bots: listBots(simulator, Date.now()) }));
  server.get<BotPath>('/_sim/playground/:username', ({ params, query }) => {
    const { user_id, chat_id, language, limit } = read(INPUT.playground, query);
    return viewChat(find(params.username), { userId: user_id, chatId: chat_id, language, limit }, Date.now());
  });
  server.get<BotPath>('/_sim/playground/:username/history', ({ params, query }) => {
    const { chat_id, before, limit } = read(INPUT.history, query);
    return newestMessages(find(params.username), chat_id, before, limit);
  });
  server.get<BotPath>('/_sim/playground/:username/events', async ({ params, query }, reply) => {
    const account = find(params.username);
    const { after, wait } = read(INPUT.botEvents, query);
    const look = (): EventRecord[] | null => {
      const events = account.events.after(after, LOG_PAGE_MAX);
      return events.length > 0 ? events : null;
    };
    const events = (await poll(account.signals, 'events', wait * 1_000, stopping.signalFor(reply.raw), look)) ?? [];
    return { events, seq: account.events.lastSeq };
  });
  server.get<BotPath>('/_sim/playground/:username/trace', ({ params, query }) => {
    const { chat_id, message_id } = read(INPUT.trace, query);
    return traceMessage(find(params.username), chat_id, message_id);
  });
  server.get<BotPath>('/_sim/playground/:username/transcript', ({ params, query }) => transcriptOf(find(params.username), read(INPUT.transcript, query).chat_id));
  // What a file_id shows: the bytes that were uploaded, or the address that Telegram would have fetched.
  server.get<{ Params: { token: string; fileId: string } }>('/_sim/files/:token/:fileId', ({ params: { token, fileId } }, reply) => {
    const file = simulator.accounts.get(token).files.get(fileId);
    if (!file) throw new ControlError(404, `file_id: ${fileId} has no content here; files are kept for a while only`);
    return sendStored(reply, file);
  });
}

function sendStored(reply: FastifyReply, file: StoredFile): FastifyReply {
  if ('url' in file) return reply.redirect(file.url);
  const isShown = SHOWN.test(file.mimeType);
  const disposition = `${isShown ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(file.name)}`;
  return reply.header('x-content-type-options', 'nosniff').header('content-security-policy', FILE_POLICY).header('content-disposition', disposition)
    .type(isShown ? file.mimeType : 'application/octet-stream').send(file.bytes);
}

async function sendPage(reply: FastifyReply, file: PageFile): Promise<FastifyReply> {
  const content = await readFile(new URL(file, PAGE_FOLDER)).catch(() => null);
  if (content === null) return reply.code(503).type('text/plain').send('The playground is not built. Run: npm run build -w @botplane/simulator\n');
  return reply.type(TYPES[file]).header('content-security-policy', SECURITY_POLICY).header('referrer-policy', 'no-referrer')
    .header('x-content-type-options', 'nosniff').header('cache-control', 'no-cache').send(content);
}
