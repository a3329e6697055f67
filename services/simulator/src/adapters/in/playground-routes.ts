import { readFile } from 'node:fs/promises';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { BotAccount } from '../../app/bot-account.ts';
import { commandsFor } from '../../app/methods/commands.ts';
import { menuButton } from '../../app/methods/profile.ts';
import type { Simulator } from '../../app/simulator.ts';
import { traceMessage } from '../../app/trace-message.ts';
import { ControlError } from '../../domain/control-error.ts';
import { INPUT, read } from './control-input.ts';

/** Where the build puts the page; the same from `src` and from `dist`. */
const PAGE_FOLDER = new URL('../../../dist/playground/', import.meta.url);

const TYPES = { 'app.js': 'text/javascript; charset=utf-8', 'app.css': 'text/css; charset=utf-8', 'index.html': 'text/html; charset=utf-8' } as const;
type PageFile = keyof typeof TYPES;

/** Only our own script and style; pictures may come from wherever a bot took them. */
const SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src * data: blob:; base-uri 'none'; form-action 'none'";

interface BotPath {
  Params: { username: string };
}

/** The chat in the browser, and what it needs beside the control interface. */
export function registerPlayground(server: FastifyInstance, simulator: Simulator): void {
  const find = (username: string): BotAccount => {
    const account = simulator.accounts.findByUsername(username);
    if (!account) throw new ControlError(404, `username: there is no bot @${username}; GET /play lists those there are`);
    return account;
  };

  for (const path of ['/play', '/play/:username']) server.get(path, (_request, reply) => sendFile(reply, 'index.html'));
  server.get<{ Params: { file: string } }>('/play/assets/:file', ({ params: { file } }, reply) => {
    if (!Object.hasOwn(TYPES, file)) throw new ControlError(404, `file: ${file} is not part of the playground`);
    return sendFile(reply, file as PageFile);
  });
  server.get('/_sim/playground', () => ({ bots: listBots(simulator) }));
  server.get<BotPath>('/_sim/playground/:username', ({ params, query }) => showChat(find(params.username), query));
  server.get<BotPath>('/_sim/playground/:username/trace', ({ params, query }) => {
    const { chat_id, message_id } = read(INPUT.trace, query);
    return traceMessage(find(params.username), chat_id, message_id);
  });
  // What a file_id shows: the bytes that were uploaded, or the address that Telegram would have fetched.
  server.get<{ Params: { token: string; fileId: string } }>('/_sim/files/:token/:fileId', ({ params: { token, fileId } }, reply) => {
    const file = simulator.accounts.get(token).files.get(fileId);
    if (!file) throw new ControlError(404, `file_id: ${fileId} has no content here; files are kept for a while only`);
    if ('url' in file) return reply.redirect(file.url);
    return reply.header('x-content-type-options', 'nosniff').type(file.mimeType || 'application/octet-stream').send(file.bytes);
  });
}

function listBots(simulator: Simulator): { username: string; name: string; live: boolean }[] {
  const bots = simulator.accounts.all().map((account) => ({ username: account.bot.username, name: account.bot.firstName, live: account.isLive(Date.now()) }));
  return bots.sort((a, b) => a.username.localeCompare(b.username));
}

/** A person's chat with a bot as it is now; events after `seq` tell how it goes on. */
function showChat(account: BotAccount, query: unknown): Record<string, unknown> {
  const { user_id, language } = read(INPUT.playground, query);
  return {
    token: account.token, id: account.bot.id, username: account.bot.username, name: account.bot.firstName,
    live: account.isLive(Date.now()), pending: account.pending.size,
    commands: commandsFor(account, user_id, user_id, language),
    menu_button: menuButton(account, String(user_id)),
    messages: account.messagesAfter(user_id, 0).slice(-500),
    seq: account.events.lastSeq,
  };
}

async function sendFile(reply: FastifyReply, file: PageFile): Promise<FastifyReply> {
  const content = await readFile(new URL(file, PAGE_FOLDER)).catch(() => null);
  if (content === null) return reply.code(503).type('text/plain').send('The playground is not built. Run: npm run build -w @botplane/simulator\n');
  return reply.type(TYPES[file]).header('content-security-policy', SECURITY_POLICY).header('cache-control', 'no-cache').send(content);
}
