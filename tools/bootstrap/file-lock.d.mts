/**
 * Runs `work` while holding a lock file; a lock whose process is gone is taken over.
 * `onWait` is called while another process holds it.
 */
export function withFileLock<T>(path: string, work: () => Promise<T>, onWait?: () => void): Promise<T>;
