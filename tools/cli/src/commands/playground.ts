import { EXIT } from '../io.ts';
import type { ExitCode, Io } from '../io.ts';
import { findSpecs, loadSpec } from '../load.ts';
import { LocalPlayer } from '../local-player.ts';
import type { Options } from '../options.ts';
import { TelegramCalls } from '../telegram-calls.ts';

/** `botplane run FILE --playground`: the bot in the chat playground of a simulator of its own, until it is stopped; a changed file is read anew. */
export async function playgroundCommand(files: readonly string[], options: Options, io: Io): Promise<ExitCode> {
  const file = files[0];
  const loaded = loadSpec(file, 'run', io);
  if (!loaded || file === undefined) return EXIT.found;
  if (file === '-') throw new Error('run --playground reads the file again when it changes; give it a path');
  const watched = findSpecs(file, io).file;
  // The other commands start faster without it.
  const { startSimulator } = await import('@botplane/simulator');
  const username = usernameOf(loaded.name ?? loaded.spec.meta.name);
  const token = `100000:${crypto.randomUUID().replaceAll('-', '')}`;
  const simulator = await startSimulator({ port: options.port ?? 0, bots: [{ token, username }] });
  const stop = new AbortController();
  const telegram = new TelegramCalls(simulator.url, token, stop.signal);
  try {
    const bot = (await telegram.call('getMe', {})) as { id: number; username: string };
    await telegram.call('setMyName', { name: loaded.spec.meta.name.slice(0, 64) });
    const player = new LocalPlayer(loaded, telegram, bot, io);
    const playing = player.play(stop.signal);
    const unwatch = io.watch(watched, () => void reload(file, player, io));
    io.out(`${simulator.url}/play/${username}`);
    io.err(`${loaded.spec.meta.name} plays in the playground; apiCall is answered from the api: of its tests. A change of ${file} counts at once. Ctrl+C ends.`);
    await io.stopped();
    unwatch();
    stop.abort();
    await playing;
  } finally {
    stop.abort();
    await simulator.close();
  }
  return EXIT.good;
}

/** A file with mistakes leaves the bot as it is. */
async function reload(file: string, player: LocalPlayer, io: Io): Promise<void> {
  try {
    const changed = loadSpec(file, 'run', io);
    if (!changed) return io.err(`✗ ${file} has mistakes; the bot stays as it was`);
    await player.use(changed);
    io.err(`✓ ${file} was read anew`);
  } catch (error) {
    io.err(`✗ ${(error as Error).message}; the bot stays as it was`);
  }
}

/** A name as Telegram takes it: letters, digits and _, ending in bot. */
function usernameOf(name: string): string {
  const word = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_').replaceAll(/^[_\d]+|_+$/g, '').slice(0, 27);
  const whole = word === '' ? 'my' : word;
  return /(^|_)bot$/.test(whole) && whole.length > 4 ? whole : `${whole}_bot`;
}
