import { readFileSync } from 'node:fs';
import { Detector, messagesIn } from './detector.ts';
import { readLexicon } from './lexicon.ts';

/** Lexicon in, alerts out: node test/detector/detect.ts test/detector/lexicon.yaml corpora/big > alerts.jsonl */

const [lexicon, corpus] = process.argv.slice(2);
if (lexicon === undefined || corpus === undefined) {
  console.error('usage: node test/detector/detect.ts <lexicon> <corpus>');
  process.exit(2);
}
const detector = new Detector(readLexicon(readFileSync(lexicon, 'utf8')));
for (const message of messagesIn(corpus))
  for (const alert of await detector.alerts(message)) process.stdout.write(`${JSON.stringify(alert)}\n`);
