import { HEALTH_CHECK_MS_MAX } from '../../limits.ts';

/** The answer, or a rejection when it takes longer than a health check may. */
export async function withinMs<T>(answer: Promise<T>, msMax = HEALTH_CHECK_MS_MAX): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), msMax);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
