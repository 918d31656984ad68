import type { Asked, CallsOf, Sent } from '../src/protocol/channel.ts';

/** The page's end of the channel: what the host can do, as functions. A call that failed there is a rejected promise here. */

/** What VS Code gives a page. `state` is the page's own, and outlives it; what matters is the host's. */
export interface VsCodeApi<State> {
  postMessage(message: unknown): void;
  getState(): State | undefined;
  setState(state: State): void;
}

declare global {
  function acquireVsCodeApi<State>(): VsCodeApi<State>;
}

type Ask<Argument, Result> = Argument extends undefined ? () => Promise<Result> : (argument: Argument) => Promise<Result>;

/** A function for each call. */
export type Host<C extends CallsOf<C>> = { readonly [K in keyof C]: Ask<C[K]['argument'], C[K]['result']> };

export interface Channel<C extends CallsOf<C>, E> {
  readonly host: Host<C>;
  /** Hears what the host tells unasked. */
  on<K extends keyof E & string>(event: K, listener: (data: E[K]) => void): void;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export function openChannel<C extends CallsOf<C>, E = object>(vscode: Pick<VsCodeApi<unknown>, 'postMessage'>): Channel<C, E> {
  const waiting = new Map<number, Waiting>();
  const listeners = new Map<string, (data: unknown) => void>();
  let asked = 0;

  window.addEventListener('message', ({ data }: MessageEvent<Sent>) => {
    if ('event' in data) return listeners.get(data.event)?.(data.data);
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.ok) call?.resolve(data.result);
    else call?.reject(new Error(data.message));
  });

  const ask = (call: string, argument: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++asked;
      waiting.set(id, { resolve, reject });
      vscode.postMessage({ id, call, argument } satisfies Asked);
    });

  const host = new Proxy({}, { get: (_, call) => (argument: unknown) => ask(String(call), argument) });
  return {
    host: host as Host<C>,
    on: (event, listener) => void listeners.set(event, listener as (data: unknown) => void),
  };
}
