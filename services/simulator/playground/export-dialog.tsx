import { Dialog, Icon } from '@botplane/ui';
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { loadTranscript } from './api.ts';
import { exportTests } from './transcript.ts';
import type { Transcript } from './types.ts';

/** A conversation to take away: as a test of a BotSpec, or as JSON. */
export function ExportDialog({ username, chatId, onClose }: { username: string; chatId: number; onClose: () => void }): JSX.Element {
  const [transcript, setTranscript] = useState<Transcript | null>(null);
  const [problem, setProblem] = useState('');
  const [format, setFormat] = useState<'tests' | 'json'>('tests');
  const [name, setName] = useState('plays as it did in the playground');
  const [pauses, setPauses] = useState<'long' | 'all'>('long');
  const [copied, setCopied] = useState('');
  useEffect(() => { loadTranscript(username, chatId).then(setTranscript, (error: unknown) => setProblem((error as Error).message)); }, [username, chatId]);
  const made = useMemo(() => transcript && exportTests(transcript, { name, pauses }), [transcript, name, pauses]);
  const text = transcript && made ? (format === 'tests' ? made.yaml : `${JSON.stringify(transcript, null, 2)}\n`) : '';
  const file = format === 'tests' ? 'tests.yaml' : `${username}-${chatId}.json`;
  const href = useMemo(() => URL.createObjectURL(new Blob([text], { type: format === 'tests' ? 'application/yaml' : 'application/json' })), [text]);
  useEffect(() => () => URL.revokeObjectURL(href), [href]);
  const copy = (): void => void navigator.clipboard.writeText(text).then(() => setCopied('Copied'), () => setCopied('This browser does not let the page copy; select the text.'));
  return (
    <Dialog title="Export the transcript" kind="wide" onClose={onClose}>
      <div class="form">
        <div class="form-row">
          <label>Format<select value={format} onChange={(event) => setFormat(event.currentTarget.value === 'json' ? 'json' : 'tests')}><option value="tests">tests: of a BotSpec</option><option value="json">JSON</option></select></label>
          {format === 'tests' && <label>Name of the test<input value={name} onInput={(event) => setName(event.currentTarget.value)} /></label>}
          {format === 'tests' && <label>Pauses<select value={pauses} onChange={(event) => setPauses(event.currentTarget.value === 'all' ? 'all' : 'long')}><option value="long">only long ones</option><option value="all">all, to the second</option></select></label>}
        </div>
        {problem !== '' && <p class="problem" role="alert">{problem}</p>}
        {format === 'tests' && made?.notes.map((note) => <p key={note} class="hint">{note}</p>)}
        <pre class="code" tabIndex={0} role="region" aria-label="Transcript">{text}</pre>
        {format === 'tests' && <p class="hint">Put it into the spec of the bot and run <code>npx botplane test bot.yaml</code>.</p>}
        <div class="actions">
          <span role="status" class="hint">{copied}</span><span class="spacer" />
          <button type="button" class="secondary" onClick={copy}><Icon name="copy" />Copy</button>
          <a class="primary" href={href} download={file}><Icon name="download" />Download</a>
        </div>
      </div>
    </Dialog>
  );
}
