import { createApp } from 'vue';
import type { NewCorpusCalls, NewCorpusEvents } from '../../src/protocol/new-corpus.ts';
import { openChannel } from '../channel.ts';
import { registerToolkit } from '../controls/toolkit.ts';
import App from './App.vue';
import { createForm } from './form.ts';
import type { PageState } from './page-state.ts';

const vscode = acquireVsCodeApi<PageState>();
registerToolkit();
createApp(App, { form: createForm(openChannel<NewCorpusCalls, NewCorpusEvents>(vscode)), vscode }).mount('#app');
