/** What `kubectl logs` asks for, as kube-apiserver passes it on. */
export interface LogQuery {
  readonly isFollowing: boolean;
  readonly isPrevious: boolean;
  readonly hasTimestamps: boolean;
  readonly tailLines: number;
  /** Nothing older than this, milliseconds since 1970. */
  readonly sinceMs: number;
  readonly bytesMax: number;
}

export function parseLogQuery(query: URLSearchParams, nowMs: number): LogQuery {
  const number = (name: string): number | undefined => {
    const text = query.get(name);
    return text === null || !/^\d+$/.test(text) ? undefined : Number(text);
  };
  const sinceSeconds = number('sinceSeconds');
  const sinceTime = Date.parse(query.get('sinceTime') ?? '');
  return {
    isFollowing: query.get('follow') === 'true',
    isPrevious: query.get('previous') === 'true',
    hasTimestamps: query.get('timestamps') === 'true',
    tailLines: number('tailLines') ?? Number.POSITIVE_INFINITY,
    sinceMs: sinceSeconds === undefined ? sinceTime || 0 : nowMs - sinceSeconds * 1_000,
    bytesMax: number('limitBytes') ?? Number.POSITIVE_INFINITY,
  };
}

/** The lines (each `<time> <text>`) that the query wants. */
export function selectLines(lines: readonly string[], query: LogQuery): string[] {
  const recent = lines.filter((line) => query.sinceMs === 0 || Date.parse(line.slice(0, line.indexOf(' '))) >= query.sinceMs);
  return query.tailLines === 0 ? [] : recent.slice(-query.tailLines);
}

/** One line as it is shown. */
export function showLine(line: string, query: LogQuery): string {
  return `${query.hasTimestamps ? line : line.slice(line.indexOf(' ') + 1)}\n`;
}
