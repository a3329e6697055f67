import { render } from 'preact';
import { BotList } from './bot-list.tsx';
import { ChatPage } from './chat-page.tsx';

const username = /^\/play\/([^/]+)/.exec(location.pathname)?.[1];
const root = document.getElementById('app');
if (root) render(username === undefined ? <BotList /> : <ChatPage username={decodeURIComponent(username)} />, root);
