import type * as vscode from 'vscode';
import type { ZodType } from 'zod';
import type { Asked, CallsOf, Sent } from '../../protocol/channel.ts';

/** The host's end of the channel to a page: answers its calls, each argument checked first, and tells it what it did not ask for. */

/** How one call is answered: what its argument has to be, and what is done with it. */
export interface Handler<Argument, Result> {
  readonly argument: ZodType<Argument>;
  readonly answer: (argument: Argument) => Result | Promise<Result>;
}

export type Handlers<C extends CallsOf<C>> = { readonly [K in keyof C]: Handler<C[K]['argument'], C[K]['result']> };

export interface HostChannel<E> extends vscode.Disposable {
  /** A page that is hidden does not hear it: tell it nothing that it could not ask for. */
  tell<K extends keyof E & string>(event: K, data: E[K]): void;
}

export interface ChannelOptions<C extends CallsOf<C>> {
  readonly webview: Pick<vscode.Webview, 'onDidReceiveMessage' | 'postMessage'>;
  readonly handlers: Handlers<C>;
  /** Hears of every call that failed; the page is told the message of the error and no more. */
  readonly failed: (call: string, error: unknown) => void;
}

export function openChannel<C extends CallsOf<C>, E = object>({ webview, handlers, failed }: ChannelOptions<C>): HostChannel<E> {
  const byName = handlers as Readonly<Record<string, Handler<unknown, unknown>>>;
  const send = (message: Sent): void => void webview.postMessage(message);

  async function answer({ id, call, argument }: Asked): Promise<void> {
    try {
      if (!Object.hasOwn(byName, call)) throw new Error(`${call}: no such call`);
      const checked = byName[call]!.argument.safeParse(argument);
      if (!checked.success)
        throw new Error(`${call}: ${checked.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()).join('; ')}`);
      send({ id, ok: true, result: await byName[call]!.answer(checked.data) });
    } catch (error) {
      failed(call, error);
      send({ id, ok: false, message: error instanceof Error ? error.message : String(error) });
    }
  }

  const listening = webview.onDidReceiveMessage((message: unknown) => {
    if (isAsked(message)) void answer(message);
    else failed('?', new Error('a message that is no call'));
  });
  return {
    tell: (event, data) => send({ event, data }),
    dispose: () => void listening.dispose(),
  };
}

function isAsked(message: unknown): message is Asked {
  if (typeof message !== 'object' || message === null) return false;
  const { id, call } = message as Record<string, unknown>;
  return Number.isSafeInteger(id) && typeof call === 'string';
}
