/** `<namespace>_<name>`: the id of a Bot in subjects, keys and paths. Neither part can hold an underscore (DNS-1035/1123 labels). */
export type BotId = string;

/** Joins namespace and name of a Bot to its id. */
export function makeBotId(namespace: string, name: string): BotId {
  return `${namespace}_${name}`;
}

/** Splits a bot id; undefined when it is not one. */
export function parseBotId(botId: BotId): { namespace: string; name: string } | undefined {
  const match = /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)_([a-z]([-a-z0-9]{0,61}[a-z0-9])?)$/.exec(botId);
  return match ? { namespace: match[1] ?? '', name: match[3] ?? '' } : undefined;
}
