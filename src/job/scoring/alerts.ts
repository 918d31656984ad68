import { hashOf, type Id, IdTable, Numbers, Texts } from './memory.ts';
import { type Corpus, type Reference, referenceOf } from './reference.ts';

/** One alert, as a row of an alerts file has it. */
export interface Alert {
  /** Message-ID, key or object id. */
  readonly message: string;
  /** An address; empty where the alert names nobody. */
  readonly person: string;
  /** Empty where there is none. */
  readonly policy: string;
}

/** Which of the two files: the alerts, or the baseline they are compared with. */
export type Run = 0 | 1;

export const bitOf = (run: Run): number => 1 << run;

/** What an alert turns out to be about. */
export const VERDICT = { unjudged: 0, required: 1, allowed: 2, nearMiss: 3, other: 4, foreign: 5, merged: 6 } as const;
export type Verdict = (typeof VERDICT)[keyof typeof VERDICT];

/** What else is known of an alerted message, behind the bits of the runs that alert on it. */
export const IN_CONTEXT = 4;
/** In the context of an arc that is alerted as a thread or a person. */
export const IN_UNIT_CONTEXT = 8;

const RUN_BITS = 3;
const NOBODY = 0;

/** With a corpus: what a message is in tables, by its index alone. */
const objectOf = (index: number): Id => ({ hi: 0, lo: index });

/**
 * The messages that alerts name, from one or two alerts files. They are called slots here, from 0 on. One that is called by
 * its Message-ID and by its key has two, until it is known that they are the same. Some 150 bytes a message, the text of its
 * id among them where it may have to be shown.
 */
export class Alerts {
  readonly rows: [number, number] = [0, 0];
  /** Rows below the threshold. */
  readonly leftOut: [number, number] = [0, 0];
  readonly corpus: Corpus | undefined;
  readonly policies: string[] = [''];

  private readonly byMessage = new IdTable();
  private readonly byObject = new IdTable();
  private readonly foreign = new IdTable();

  private readonly bits = new Numbers();
  private readonly verdicts = new Numbers();
  private readonly profiles = new Numbers();
  /** With a corpus: the message's index. */
  private readonly indices = new Numbers();
  /** One more than the place of the reference's text; 0 where it is not kept. */
  private readonly references = new Numbers();
  private readonly texts = new Texts();

  private readonly people = new Map<string, number>([['', NOBODY]]);
  private readonly policyNumbers = new Map<string, number>([['', 0]]);

  /** Who and which policy, for each alerted message: chains of (person, policy), each with the runs that have it. */
  private readonly chains = new Numbers();
  private readonly entries = new IdTable();
  private readonly entryPerson = new Numbers();
  private readonly entryPolicy = new Numbers();
  private readonly entryBits = new Numbers();
  private readonly entryNext = new Numbers();
  private readonly pairs = new IdTable();

  constructor(corpus?: Corpus) {
    this.corpus = corpus;
  }

  add(run: Run, alert: Alert): void {
    this.rows[run]++;
    const slot = this.slotOf(referenceOf(alert.message), alert.message);
    this.bits.mark(slot, bitOf(run));
    if (this.verdict(slot) === VERDICT.foreign) return; // who and which policy do not matter
    if (alert.person !== '' || alert.policy !== '')
      this.enter(slot, this.personNumber(alert.person), this.policyNumber(alert.policy), bitOf(run));
  }

  leaveOut(run: Run): void {
    this.leftOut[run]++;
  }

  get slots(): number {
    return this.bits.length;
  }

  /** What a Message-ID is in tables. Undefined where it is not of the corpus. */
  identify(messageId: string): Id | undefined {
    return this.identity(referenceOf(messageId));
  }

  /**
   * The slot of a message, where some alert names it. What alerts called by its key is known by its Message-ID from now on:
   * the key tells which that is, or, with a corpus, the index.
   */
  match(id: Id, key?: string): number | undefined {
    const slot = this.byMessage.get(id);
    if (this.byObject.size === 0) return slot;
    const object = this.corpus ? objectOf(id.lo) : key === undefined ? undefined : this.identity(referenceOf(key));
    const other = object && this.byObject.get(object);
    if (other === undefined || other === slot) return slot;
    if (slot === undefined) {
      this.byMessage.set(id, other);
      return other;
    }
    if (this.verdict(other) !== VERDICT.merged) this.merge(other, slot);
    return slot;
  }

  /** The slots that the truth did not speak of; with a corpus by their index. */
  unjudged(): Numbers {
    const slots = new Numbers();
    for (let slot = 0; slot < this.slots; slot++) if (this.verdict(slot) === VERDICT.unjudged) slots.push(slot);
    slots.sort((a, b) => this.indices.get(a) - this.indices.get(b) || a - b);
    return slots;
  }

  /** With a corpus: the index that a slot's key stands for, or its Message-ID begins with. */
  indexOf(slot: number): number {
    return this.indices.get(slot);
  }

  /** Whether alerts call a message of the corpus by its key or by this Message-ID, and not by another one. */
  isCalled(slot: number, messageId: string): boolean {
    const reference = this.references.get(slot);
    return reference === 0 || referenceOf(this.texts.get(reference - 1)).text === referenceOf(messageId).text;
  }

  /** Makes two slots of one message one. */
  merge(from: number, into: number): void {
    this.bits.mark(into, this.bits.get(from));
    this.verdicts.set(from, VERDICT.merged);
    for (const { person, policy, runs } of this.about(from)) this.enter(into, person, policy, runs);
  }

  /** Which runs alert on it, and IN_CONTEXT … */
  bitsOf(slot: number): number {
    return this.bits.get(slot);
  }

  runsOf(slot: number): number {
    return this.bits.get(slot) & RUN_BITS;
  }

  mark(slot: number, bits: number): void {
    this.bits.mark(slot, bits);
  }

  verdict(slot: number): Verdict {
    return this.verdicts.get(slot) as Verdict;
  }

  profile(slot: number): number {
    return this.profiles.get(slot);
  }

  judge(slot: number, verdict: Verdict, profile: number): void {
    this.verdicts.set(slot, verdict);
    this.profiles.set(slot, profile);
  }

  /** What alerts call a message that is not of the corpus, or that nobody can judge. */
  nameOf(slot: number): string {
    return this.texts.get(this.references.get(slot) - 1);
  }

  /** The people and policies of the alerts on a message; person 0 is nobody, policy 0 none. */
  *about(slot: number): Generator<{ readonly person: number; readonly policy: number; readonly runs: number }> {
    for (let entry = this.chains.get(slot); entry !== 0; entry = this.entryNext.get(entry - 1))
      yield { person: this.entryPerson.get(entry - 1), policy: this.entryPolicy.get(entry - 1), runs: this.entryBits.get(entry - 1) };
  }

  /**
   * What a reference is in tables: a hash; with a corpus its index, and of a Message-ID a hash too, where the corpus can tell
   * whether it is the right one to its last character.
   */
  private identity(reference: Reference): Id | undefined {
    if (!this.corpus) return reference.kind === 'other' ? undefined : hashOf(reference.text);
    const index = this.corpus.index(reference);
    if (index === undefined) return undefined;
    return reference.kind === 'message-id' && this.corpus.regenerate ? { hi: hashOf(reference.text).lo, lo: index } : objectOf(index);
  }

  private slotOf(reference: Reference, text: string): number {
    const id = this.identity(reference);
    const table = id === undefined ? this.foreign : reference.kind === 'object-id' ? this.byObject : this.byMessage;
    const key = id ?? hashOf(reference.text);
    const found = table.get(key);
    if (found !== undefined) return found;
    const slot = this.bits.push(0);
    this.verdicts.push(id === undefined ? VERDICT.foreign : VERDICT.unjudged);
    this.profiles.push(0);
    this.indices.push(id && this.corpus ? id.lo : 0);
    // What is known to be of the corpus by its index alone has a key to be shown.
    const certain = id && this.corpus && (reference.kind === 'object-id' || !this.corpus.regenerate);
    this.references.push(certain ? 0 : this.texts.add(text.trim()) + 1);
    this.chains.push(0);
    table.set(key, slot);
    return slot;
  }

  private enter(slot: number, person: number, policy: number, runs: number): void {
    const pairKey = { hi: person, lo: policy };
    let pair = this.pairs.get(pairKey);
    if (pair === undefined) this.pairs.set(pairKey, (pair = this.pairs.size));
    const key = { hi: slot, lo: pair };
    const entry = this.entries.get(key);
    if (entry !== undefined) {
      this.entryBits.mark(entry, runs);
      return;
    }
    this.entries.set(key, this.entryPerson.push(person));
    this.entryPolicy.push(policy);
    this.entryBits.push(runs);
    this.entryNext.push(this.chains.get(slot));
    this.chains.set(slot, this.entryPerson.length);
  }

  private personNumber(address: string): number {
    const name = address.toLowerCase();
    let number = this.people.get(name);
    if (number === undefined) this.people.set(name, (number = this.people.size));
    return number;
  }

  private policyNumber(policy: string): number {
    let number = this.policyNumbers.get(policy);
    if (number === undefined) this.policyNumbers.set(policy, (number = this.policies.push(policy) - 1));
    return number;
  }
}
