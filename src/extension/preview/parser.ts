import { parentPort, workerData } from 'node:worker_threads';
import type { ParseAnswer, ParseTask } from './parse-mail.ts';
import { readMail, readPart } from './read-mail.ts';

/** A worker thread for one task: dist/parser.mjs. Whoever started it kills it when it takes too long. */
const task = workerData as ParseTask;
const bytes = Buffer.from(task.bytes.buffer, task.bytes.byteOffset, task.bytes.byteLength);
const answer: ParseAnswer =
  task.part === undefined ? { mail: readMail(bytes, task.size, task.limits) } : { content: readPart(bytes, task.part, task.limits) };
parentPort!.postMessage(answer);
