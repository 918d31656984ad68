import { createApp } from 'vue';
import type { MailPreviewCalls, MailPreviewEvents } from '../../src/protocol/mail-preview.ts';
import { openChannel } from '../channel.ts';
import App from './App.vue';
import './page.css';
import type { PageState } from './state.ts';

const vscode = acquireVsCodeApi<PageState>();
createApp(App, { channel: openChannel<MailPreviewCalls, MailPreviewEvents>(vscode), vscode }).mount('#app');
