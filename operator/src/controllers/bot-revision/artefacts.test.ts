import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ArtefactHolds } from './artefacts.ts';

describe('holds on published artefacts', () => {
  it('keep a folder while a revision publishes there, until its status tells', async () => {
    const holds = new ArtefactHolds();
    const removed: string[] = [];
    const remove = (folder: string) => holds.remove(folder, async () => void removed.push(folder));
    await holds.hold('uid', 'bot/a');
    await remove('bot/a');
    await remove('bot/b');
    expect(removed).toEqual(['bot/b']);
    holds.release('uid');
    await remove('bot/a');
    expect(removed).toEqual(['bot/b', 'bot/a']);
  });

  it('let nothing be published into a folder that is being removed, also when that fails', async () => {
    const holds = new ArtefactHolds();
    const removal = Promise.withResolvers<void>();
    const removing = holds.remove('bot/a', () => removal.promise);
    let isHeld = false;
    const holding = holds.hold('uid', 'bot/a').then(() => (isHeld = true));
    await holds.hold('other', 'bot/b');
    await turn();
    expect(isHeld).toBe(false);
    removal.reject(new Error('S3 is away'));
    await expect(removing).rejects.toThrow('S3 is away');
    await holding;
  });
});
