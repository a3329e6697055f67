/** A signal that fires with its parent or when its time is over. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** True when the time was over first. */
  readonly passed: boolean;
  /** Lets timer and parent go; without it both would be held until the time is over. */
  clear(): void;
}

/** Starts a time limit. Its signal's reason is the parent's, or a TimeoutError. */
export function startDeadline(parent: AbortSignal | undefined, timeoutMs: number): Deadline {
  const controller = new AbortController();
  let passed = false;
  const follow = (): void => controller.abort(parent?.reason);
  const expire = (): void => {
    passed = !controller.signal.aborted;
    controller.abort(new DOMException(`not done after ${timeoutMs} ms`, 'TimeoutError'));
  };
  const timer = setTimeout(expire, timeoutMs);
  if (parent?.aborted) follow();
  else parent?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    get passed() {
      return passed;
    },
    clear: () => {
      clearTimeout(timer);
      parent?.removeEventListener('abort', follow);
    },
  };
}
