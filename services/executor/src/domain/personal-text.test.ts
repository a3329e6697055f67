import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText, hideText } from './personal-text.ts';
import type { PersonalRules } from './personal-text.ts';

const rules = (values: string[] | null, policy: PersonalRules['policy'] = 'mask'): PersonalRules => ({ policy, values, hash: (value) => `h(${value})` });

describe('cleanText', () => {
  it.each([
    ['Mail a@b.co now', ['a@b.co'], 'Mail *** now'],
    ['Mail A@B.co now', ['a@b.CO'], 'Mail *** now'],
    ['<b>Tom &amp; Ann</b>', ['Tom & Ann'], '<b>***</b>'],
    ['{"q":"say \\"hi\\""}', ['say "hi"'], '{"q":"***"}'],
    ['You are 7, born 1970', ['7'], 'You are ***, born 1970'],
    ['Order 12345678', ['4567'], 'Order 123***8'],
    ['abcabc', ['abcabc', 'abc'], '***'],
    ['abcdefgh', ['abcdef', 'defgh'], '***'],
    ['nothing here', ['else'], 'nothing here'],
  ])('[K1] %j without %j is %j', (text, values, clean) => {
    expect(cleanText(text, rules(values)).content).toBe(clean);
    expect(cleanText(text, rules(values)).pii).toBe(clean !== text);
  });

  it('[K1] finds values that MarkdownV2 escaped', () => {
    expect(cleanText('Mail a@b\\.co\\!', rules(['a@b.co']))).toEqual({ content: 'Mail ***\\!', pii: true });
  });

  it('[K1] hides everything when nobody knows what is personal, or when letters change their length', () => {
    expect(cleanText('x', rules(null))).toEqual({ content: '***', pii: true });
    expect(cleanText('İstanbul: ann', rules(['ann']))).toEqual({ content: '***', pii: true });
  });

  it('[K1] hashes or drops by policy', () => {
    expect(cleanText('Hi Ann', rules(['Anna', 'Ann'], 'hash'))).toEqual({ content: 'Hi #h(ann)', pii: true });
    expect(cleanText('Hi Ann', rules(['Ann'], 'drop'))).toEqual({ content: 'Hi ', pii: true });
    expect(hideText('Ann', rules([], 'drop'))).toEqual({ content: null, pii: true });
    expect(hideText(' Ann ', rules([], 'hash'))).toEqual({ content: '#h(ann)', pii: true });
  });

  it('[K1] leaves no personal value of four or more characters in any text', () => {
    const value = fc.string({ minLength: 4, maxLength: 12 }).filter((text) => text.trim() === text && !text.includes('*'));
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), fc.array(fc.string(), { maxLength: 5 }), (values, parts) => {
      const text = values.map((personal, at) => `${parts[at] ?? ''}${personal.toUpperCase()}`).join(' ');
      const { content } = cleanText(text, rules(values));
      for (const personal of values) expect(content?.toLowerCase().includes(personal.toLowerCase())).toBe(false);
    }));
  });
});
