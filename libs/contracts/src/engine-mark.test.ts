import { describe, expect, it } from 'vitest';
import { engineRange, markEngine } from './engine-mark.ts';

const cut = (botJs: string): string | undefined => {
  const bytes = Buffer.from(botJs);
  const range = engineRange(bytes);
  return range && bytes.subarray(range.start, range.end).toString();
};

describe('the mark of the engine', () => {
  it('gives back the engine whatever follows it', () => {
    expect(cut(`${markEngine('engine("µ");')}bot("ä");\n`)).toBe('engine("µ");');
    expect(cut(markEngine('engine();'))).toBe('engine();');
  });

  it.each(['', 'bot();', '//# botplane-engine 9', '//# botplane-engine 0\nbot();', '//# botplane-engine 99\nshort', '//# botplane-engine -1\nbot();', ' //# botplane-engine 3\nbot();', '//# botplane-engine 3 \nbot();'])('is none: %j', (botJs) => {
    expect(cut(botJs)).toBeUndefined();
  });
});
