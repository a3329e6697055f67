import { applyTheme } from '@botplane/ui';
import { render } from 'preact';
import { App } from './app.tsx';

applyTheme();
const root = document.getElementById('app');
if (root) render(<App />, root);
