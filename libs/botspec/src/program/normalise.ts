const MARKS_OF_LATIN_AND_GREEK = /([\p{Script=Latin}\p{Script=Greek}])\p{M}+/gu;
const BLANKS = /\s+/gu;
const WORD_CHARACTER = /[\p{L}\p{N}\p{M}]/u;
const WITHOUT_BLANKS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** How keywords and texts are compared: NFKC, lower case, no marks on Latin and Greek, ё = е, blanks collapsed. */
export function normaliseWords(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replace(MARKS_OF_LATIN_AND_GREEK, '$1')
    .normalize('NFKC')
    .replaceAll('ё', 'е')
    .replace(BLANKS, ' ')
    .trim();
}

/** Whether a normalised keyword stands in a normalised text as whole words; scripts without blanks match anywhere. */
export function containsKeyword(text: string, keyword: string): boolean {
  if (keyword === '') return false;
  for (let at = text.indexOf(keyword); at !== -1; at = text.indexOf(keyword, at + 1)) {
    if (isBoundary(lastOf(text.slice(0, at)), firstOf(keyword)) && isBoundary(firstOf(text.slice(at + keyword.length)), lastOf(keyword))) return true;
  }
  return false;
}

function isBoundary(beside: string, edge: string): boolean {
  return beside === '' || WITHOUT_BLANKS.test(edge) || !WORD_CHARACTER.test(beside);
}

function firstOf(text: string): string {
  const code = text.codePointAt(0);
  return code === undefined ? '' : String.fromCodePoint(code);
}

function lastOf(text: string): string {
  const tail = text.slice(-2);
  const code = tail.codePointAt(0);
  return code !== undefined && code > 0xffff ? tail : text.slice(-1);
}

/** How a typed option is compared: trimmed, any case. */
export function foldOption(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}
