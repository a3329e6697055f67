import { Dialog } from '@botplane/ui';
import type { JSX } from 'preact';
import { Checkout } from './checkout.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { GroupDialog } from './group-dialog.tsx';
import { MembersDialog } from './members-dialog.tsx';
import type { Pane } from './panes.ts';
import { PersonDialog } from './person-dialog.tsx';
import { SendFiles } from './send-files.tsx';
import type { ChatView, Person } from './types.ts';
import type { PaneState } from './use-pane-acts.ts';

interface Props {
  username: string;
  person: Person;
  people: Person[];
  view: ChatView | null;
  botName: string;
  state: PaneState;
  onPeople: (people: Person[]) => void;
  onAdd: (pane: Pane) => void;
  onChange: (pane: Pane) => void;
  refresh: () => void;
}

/** The dialog of a pane that is open, if any. */
export function PaneDialogs(props: Props): JSX.Element | null {
  const { state } = props;
  const { dialog } = state;
  const close = (): void => state.setDialog(null);
  if (state.files.length > 0) return <SendFiles files={state.files} onSend={state.sendContent} onClose={() => state.setFiles([])} />;
  if (dialog?.kind === 'alert') {
    return <Dialog title={props.botName} onClose={close}><p class="alert-text">{dialog.text}</p><div class="actions"><button type="button" class="primary" autofocus onClick={close}>OK</button></div></Dialog>;
  }
  if (dialog?.kind === 'picture') {
    return <Dialog title={dialog.alt} kind="wide" onClose={close}><img class="full" src={dialog.url} alt={dialog.alt} /><div class="actions"><a class="secondary" href={dialog.url} download="">Download</a></div></Dialog>;
  }
  if (dialog?.kind === 'checkout' && dialog.message.invoice) return <Checkout message={dialog.message} invoice={dialog.message.invoice} onPay={state.pay} onClose={close} />;
  return <ChatDialogs {...props} close={close} />;
}

function ChatDialogs({ username, person, people, view, state, onPeople, onAdd, onChange, refresh, close }: Props & { close: () => void }): JSX.Element | null {
  if (!view) return null;
  const chatId = view.chat.id;
  switch (state.dialog?.kind) {
    case 'person': {
      const save = (changed: Person | null): void => {
        const others = people.filter(({ id }) => id !== person.id);
        if (changed) onPeople(people.some(({ id }) => id === person.id) ? people.map((one) => (one.id === person.id ? changed : one)) : [...people, changed]);
        else {
          onPeople(others);
          const next = others[0];
          if (next) onChange({ userId: next.id, chatId: next.id });
        }
        close();
      };
      return <PersonDialog person={person} isLast={people.length <= 1} onSave={save} onClose={close} />;
    }
    case 'group': return <GroupDialog view={view} person={person} people={people} onClose={close} onCreated={(id) => { close(); onChange({ userId: person.id, chatId: id }); }} />;
    case 'members': return <MembersDialog view={view} people={people} state={state} refresh={refresh} onOpen={(userId) => { close(); onAdd({ userId, chatId }); }} onClose={close} />;
    case 'export': return <ExportDialog username={username} chatId={chatId} onClose={close} />;
    default: return null;
  }
}
