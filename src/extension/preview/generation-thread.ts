import { parentPort, workerData } from 'node:worker_threads';
import { Corpora } from './corpora.ts';
import type { Answer, Ask, GenerationData } from './generation.ts';
import { threadErrorOf } from './thread-error.ts';

/** The thread that makes messages: compiling packs takes a second, in which the extension host has other things to do. */

const corpora = new Corpora((workerData as GenerationData).packs);
const port = parentPort!;

port.on('message', ({ id, ask }: { readonly id: number; readonly ask: Ask }) => {
  let answer: Answer;
  try {
    answer = { id, ok: true, result: answerTo(ask) };
  } catch (error) {
    answer = { id, ok: false, error: threadErrorOf(error) };
  }
  port.postMessage(answer);
});

function answerTo(ask: Ask): unknown {
  switch (ask.call) {
    case 'check':
      return corpora.check(ask.source);
    case 'message':
      return corpora.message(ask.source, ask.digest, ask.index);
    case 'remake':
      return corpora.remake(ask.record, ask.message);
    case 'estimate':
      return corpora.estimate(ask.source, ask.stack);
  }
}
