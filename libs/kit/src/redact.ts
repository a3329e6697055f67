const REDACTED = '[redacted]';

/** Names whose values are never written, at any depth. */
const SECRET_NAMES = ['authorization', 'cookie', 'set-cookie', 'password', 'secret', 'secret_token', 'secretToken', 'webhookSecret', 'x-telegram-bot-api-secret-token', 'x-release-token', 'token', 'botToken', 'accessKey', 'secretKey', 'apiKey', 'api_key'];

/** The one list of what is taken out of logs: bot tokens wherever they stand, and the values of secret names. */
const RULES: readonly (readonly [RegExp, string])[] = [
  // In URLs of the Bot API, also for tokens of the simulator, which may be short.
  [/\/bot\d+:[^/\s"'\\?#]+/g, `/bot${REDACTED}`],
  [/\b\d{5,}:[A-Za-z0-9_-]{20,}/g, REDACTED],
  [/\b(bearer|basic) [A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [new RegExp(`"(${SECRET_NAMES.join('|')})":"(?:[^"\\\\]|\\\\.)*"`, 'gi'), `"$1":"${REDACTED}"`],
];

/** Removes secrets from a text or from a line of JSON. */
export function redactText(text: string): string {
  let redacted = text;
  for (const [pattern, replacement] of RULES) redacted = redacted.replace(pattern, replacement);
  return redacted;
}
