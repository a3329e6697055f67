// Progress of make up: what runs, for how long. Used before node_modules exists, so no dependencies.

const REDRAW_MS = 200;
/** Without a terminal a long step says now and then that it is alive. */
const HEARTBEAT_MS = 30_000;

export function formatDuration(ms) {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

export function createProgress(stream = process.stdout) {
  const startedMs = Date.now();
  const running = new Map();
  const isLive = stream.isTTY && !process.env.CI;
  let timer;

  const clear = () => isLive && stream.write('\r\x1b[K');
  const draw = () => {
    if (!isLive || running.size === 0) return;
    const text = [...running.values()].map((step) => describe(step)).join(' · ');
    stream.write(`\r\x1b[K  ${text.slice(0, Math.max(20, (stream.columns ?? 80) - 4))}`);
  };
  const line = (text) => {
    clear();
    stream.write(`${text}\n`);
    draw();
  };
  const heartbeat = () => {
    for (const step of running.values()) {
      if (Date.now() - step.saidMs < HEARTBEAT_MS) continue;
      step.saidMs = Date.now();
      stream.write(`  … ${describe(step)}\n`);
    }
  };
  const watch = () => {
    timer ??= setInterval(isLive ? draw : heartbeat, isLive ? REDRAW_MS : 1000);
    if (running.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  async function step(title, work) {
    const state = { title, note: '', startedMs: Date.now(), saidMs: Date.now() };
    running.set(state, state);
    watch();
    draw();
    try {
      const result = await work((text) => (state.note = text));
      finish(state, '✓');
      return result;
    } catch (error) {
      finish(state, '✗');
      throw error;
    }
  }

  function finish(state, mark) {
    running.delete(state);
    const note = state.note ? ` (${state.note})` : '';
    line(`  ${mark} ${state.title}${note}  ${formatDuration(Date.now() - state.startedMs)}`);
    watch();
  }

  return { step, line, elapsed: () => formatDuration(Date.now() - startedMs) };
}

function describe(step) {
  const note = step.note ? ` (${step.note})` : '';
  return `${step.title}${note} ${formatDuration(Date.now() - step.startedMs)}`;
}
