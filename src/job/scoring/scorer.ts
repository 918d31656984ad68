import type { TruthLine } from '../../corpus/truth/line.ts';
import { type Alerts, bitOf, IN_CONTEXT, IN_UNIT_CONTEXT, type Run, VERDICT } from './alerts.ts';
import { type Share, shareOf } from './interval.ts';
import { type Id, Numbers } from './memory.ts';
import type { Corpus } from './reference.ts';
import { type AlertCounts, type FlaggedNearMiss, List, type OtherFalse, type PolicyFigures, type Score } from './score.ts';
import { DIMENSIONS, type Dimension, type Level, type Part, PLAIN, type Profile, Profiles, Tally } from './tally.ts';
import type { ScoredLine } from './truth.ts';
import { type UnitReference, Units } from './units.ts';

/**
 * Scores alerts against ground truth that streams by, a line a message, in any order.
 *
 * What is due. A *message unit* is a message with due `required`. A *thread unit* is an arc's part of a thread that has such
 * a message. A *person unit* is an arc that has one: whoever sent those. At the level `alertUnit`, the headline, every arc
 * counts in the units that its own alert_unit names; at each of the others all arcs count alike.
 *
 * What is found. A message unit, by an alert on the message. A thread or a person unit, by an alert on any message of the
 * `context` of its required messages.
 *
 * What is false. An alert on a message with due `allowed` counts neither for nor against, at any level. With due `none`:
 * near misses are counted in the same units as arcs, and such a unit is flagged where any of its messages is alerted on.
 * Every other message (of no arc, or of an arc and yet not due) is a false unit of its own, unless its alert found a unit of
 * that level through a context. At the level `person`, false alerts that name people count once a person.
 */
export class Scorer {
  private readonly alerts: Alerts;
  private readonly runs: readonly Run[];
  private readonly profiles = new Profiles();
  private readonly units = new Units(this.profiles);
  private readonly tallies: readonly Tally[];
  private readonly truth = { lines: 0, required: 0, allowed: 0, nearMisses: 0 };

  /** Contexts: a thread unit, and a message it is found by. They are looked up at the end, when all ids are known. */
  private readonly contextUnits = new Numbers();
  private readonly contextHighs = new Numbers();
  private readonly contextLows = new Numbers();

  private readonly missed = new List<UnitReference>();
  private readonly lost = new List<UnitReference>();
  private readonly gained = new List<UnitReference>();
  private readonly nearMissesFlagged = new List<FlaggedNearMiss>();
  private readonly nearMissesNew = new List<FlaggedNearMiss>();
  private readonly nearMissesGone = new List<FlaggedNearMiss>();
  private readonly otherFalse = new List<OtherFalse>();

  /** `alerts` has everything that is to be scored; `baseline`: of both runs. */
  constructor(alerts: Alerts, baseline: boolean) {
    this.alerts = alerts;
    this.runs = baseline ? [0, 1] : [0];
    this.tallies = this.runs.map(() => new Tally(this.profiles));
  }

  /** Takes the next line of truth; false, and nothing taken, where its message is not of the corpus. */
  line(line: ScoredLine): boolean {
    const id = this.alerts.identify(line.message_id);
    if (!id) return false;
    this.truth.lines++;
    const slot = this.alerts.match(id, line.key);
    const runs = slot === undefined ? 0 : this.alerts.runsOf(slot);
    if (line.due === 'required') this.required(line, slot, runs);
    else if (line.due === 'allowed') this.allowed(slot);
    else if (line.label === 'near_miss') this.nearMiss(line, slot, runs);
    else if (slot !== undefined) this.other(slot, line, line.key, line.message_id);
    return true;
  }

  /**
   * The score, once every line is in. `messages` is the number of messages of the corpus, or null. `judged` is told how many
   * of the alerts without truth have been looked at: where messages are made again for it, that takes time.
   */
  finish(messages: number | null, judged: (done: number, of: number) => void = () => {}): Score {
    this.findByContext();
    this.judgeRest(judged);
    this.countUnits();
    const unknown = new List<string>();
    const unverifiable = new List<string>();
    const counts = this.countAlerts(unknown, unverifiable);
    const alerts = this.runs.map((run) => this.alertCounts(run, counts[run]!, messages));
    return {
      messages,
      truth: this.truth,
      alerts: alerts[0]!,
      levels: this.tallies[0]!.levels(),
      by: Object.fromEntries(DIMENSIONS.map((d) => [d, this.tallies[0]!.by(d)])) as Record<Dimension, Part[]>,
      policies: this.policies(),
      missed: this.missed,
      nearMissesFlagged: this.nearMissesFlagged,
      otherFalse: this.otherFalse,
      unknown,
      unverifiable,
      baseline: alerts[1]
        ? {
            alerts: alerts[1],
            levels: this.tallies[1]!.levels(),
            lost: this.lost,
            gained: this.gained,
            nearMissesNew: this.nearMissesNew,
            nearMissesGone: this.nearMissesGone,
          }
        : null,
    };
  }

  private required(line: ScoredLine, slot: number | undefined, runs: number): void {
    this.truth.required++;
    const profile = this.profiles.number(line);
    const own = line.alert_unit === 'message';
    this.count('message', own, profile, 'units', runs);
    if (own)
      this.compare(runs, () => ({ unit: 'message', key: line.key, message_id: line.message_id, arc_id: line.arc_id!, ...profileOf(line) }));
    if (slot !== undefined) this.alerts.judge(slot, VERDICT.required, profile);

    const thread = this.units.threadOf(line, profile);
    this.units.find(thread, runs);
    if (this.units.hasNewContext(thread, line.context)) for (const id of line.context) this.addContext(thread, id);
    if (!line.context.includes(line.message_id)) this.addContext(thread, line.message_id);
  }

  private addContext(thread: number, messageId: string): void {
    const id = this.alerts.identify(messageId);
    if (!id) return;
    this.contextUnits.push(thread);
    this.contextHighs.push(id.hi);
    this.contextLows.push(id.lo);
  }

  private allowed(slot: number | undefined): void {
    this.truth.allowed++;
    if (slot !== undefined) this.alerts.judge(slot, VERDICT.allowed, 0);
  }

  private nearMiss(line: ScoredLine, slot: number | undefined, runs: number): void {
    this.truth.nearMisses++;
    const profile = this.profiles.number(line);
    this.count('message', line.alert_unit === 'message', profile, 'nearMisses', runs);
    const thread = this.units.threadOf(line, profile);
    this.units.find(thread, runs);
    this.units.find(this.units.arcOf(thread), runs);
    if (slot === undefined) return;
    this.alerts.judge(slot, VERDICT.nearMiss, profile);
    const { key, message_id, arc_id, near_miss } = line;
    const flagged: FlaggedNearMiss = { key, message_id, arc_id: arc_id!, near_miss, ...profileOf(line) };
    if (runs & bitOf(0)) this.nearMissesFlagged.add(flagged);
    if (runs === bitOf(0)) this.nearMissesNew.add(flagged);
    if (runs === bitOf(1)) this.nearMissesGone.add(flagged);
  }

  private other(slot: number, profile: Profile, key: string, message_id: string | null): void {
    this.alerts.judge(slot, VERDICT.other, this.profiles.number(profile));
    const { language, shape } = profile;
    if (this.alerts.runsOf(slot) & bitOf(0)) this.otherFalse.add({ key, message_id, language, shape });
  }

  /**
   * Counts one unit in every run, and that it was found, or flagged, in those that have an alert on it; `own`: at the
   * headline level too, since it is what its arc's alert_unit names.
   */
  private count(level: Level, own: boolean, profile: number, all: 'units' | 'nearMisses', runs: number): void {
    const some = all === 'units' ? 'found' : 'nearMissesFlagged';
    for (const run of this.runs)
      for (const at of own ? ([level, 'alertUnit'] as const) : [level]) {
        this.tallies[run]!.add(at, profile, all);
        if (runs & bitOf(run)) this.tallies[run]!.add(at, profile, some);
      }
  }

  /** Lists a unit at the headline level, where it was missed, or found in one run only. */
  private compare(runs: number, reference: () => UnitReference): void {
    if (!(runs & bitOf(0))) this.missed.add(reference());
    if (this.runs.length === 1) return;
    if (runs === bitOf(1)) this.lost.add(reference());
    if (runs === bitOf(0)) this.gained.add(reference());
  }

  /** Finds thread and person units by alerts on their contexts, and notes which alerts did. */
  private findByContext(): void {
    for (let i = 0; i < this.contextUnits.length; i++) {
      const thread = this.contextUnits.get(i);
      const arc = this.units.arcOf(thread);
      const id: Id = { hi: this.contextHighs.get(i), lo: this.contextLows.get(i) };
      const slot = this.alerts.match(id);
      if (slot !== undefined) {
        this.units.find(thread, this.alerts.runsOf(slot));
        const own = this.units.isOwn(thread) || this.units.isOwn(arc);
        this.alerts.mark(slot, IN_CONTEXT | (own ? IN_UNIT_CONTEXT : 0));
      }
      this.units.find(arc, this.units.runsOf(thread));
    }
  }

  /**
   * With a corpus, an alert that the truth did not speak of is on ordinary mail, for whatever is in an arc has a line; or it
   * is on no message of the corpus, where it has a Message-ID that only begins like one. Each message is made again once, in
   * the order of the corpus.
   */
  private judgeRest(judged: (done: number, of: number) => void): void {
    if (!this.alerts.corpus) return;
    const slots = this.alerts.unjudged();
    for (let from = 0, to = 0; from < slots.length; from = to) {
      const index = this.alerts.indexOf(slots.get(from));
      while (to < slots.length && this.alerts.indexOf(slots.get(to)) === index) to++;
      this.judgePlain(this.alerts.corpus, index, slots.slice(from, to));
      judged(to, slots.length);
    }
  }

  /** Judges what alerts call message `index`, of which there is no line of truth. */
  private judgePlain(corpus: Corpus, index: number, slots: readonly number[]): void {
    const made = corpus.regenerate?.(index);
    let plain: number | undefined;
    for (const slot of slots)
      if (made && !this.alerts.isCalled(slot, made.messageId)) this.alerts.judge(slot, VERDICT.foreign, 0);
      else if (plain === undefined) plain = slot;
      else this.alerts.merge(slot, plain);
    if (plain === undefined) return;
    const profile = { ...PLAIN, ...(made && { language: made.language, shape: made.shape }) };
    this.other(plain, profile, corpus.key(index), made?.messageId ?? null);
  }

  private countUnits(): void {
    for (let unit = 0; unit < this.units.length; unit++) {
      const all = this.units.isNearMiss(unit) ? 'nearMisses' : 'units';
      const runs = this.units.runsOf(unit);
      const own = this.units.isOwn(unit);
      this.count(this.units.isThread(unit) ? 'thread' : 'person', own, this.units.profile(unit), all, runs);
      if (own && all === 'units') this.compare(runs, () => this.units.reference(unit));
    }
  }

  /** Goes through the alerted messages: counts them by verdict, for each run, and what is false. */
  private countAlerts(unknown: List<string>, unverifiable: List<string>): number[][] {
    const counts = this.runs.map(() => Object.values(VERDICT).map(() => 0));
    const accused = this.runs.map(() => new Map<number, number>());
    for (let slot = 0; slot < this.alerts.slots; slot++) {
      const verdict = this.alerts.verdict(slot);
      if (verdict === VERDICT.merged) continue; // its other slot counts
      for (const run of this.runs) {
        if (!(this.alerts.runsOf(slot) & bitOf(run))) continue;
        counts[run]![verdict]!++;
        if (verdict === VERDICT.other) this.countFalse(slot, run, accused[run]!);
      }
      if (!(this.alerts.runsOf(slot) & bitOf(0))) continue;
      if (verdict === VERDICT.foreign) unknown.add(this.alerts.nameOf(slot));
      if (verdict === VERDICT.unjudged) unverifiable.add(this.alerts.nameOf(slot));
    }
    for (const run of this.runs) for (const profile of accused[run]!.values()) this.tallies[run]!.add('person', profile, 'otherFalse');
    return counts;
  }

  /** Counts an alerted message that is neither due nor a near miss; but whom such alerts name goes to `accused`, with a profile. */
  private countFalse(slot: number, run: Run, accused: Map<number, number>): void {
    const bits = this.alerts.bitsOf(slot);
    const profile = this.alerts.profile(slot);
    const add = (level: Level): void => this.tallies[run]!.add(level, profile, 'otherFalse');

    add('message');
    if (!(bits & IN_UNIT_CONTEXT)) add('alertUnit');
    if (bits & IN_CONTEXT) return;
    add('thread');
    let named = false;
    for (const { person, runs } of this.alerts.about(slot)) {
      if (person === 0 || !(runs & bitOf(run))) continue;
      named = true;
      accused.set(person, this.profiles.mixed(accused.get(person) ?? profile, profile));
    }
    if (!named) add('person');
  }

  private alertCounts(run: Run, counts: readonly number[], messages: number | null): AlertCounts {
    const of = (verdict: keyof typeof VERDICT): number => counts[VERDICT[verdict]]!;
    const all = counts.reduce((sum, count) => sum + count, 0);
    return {
      rows: this.alerts.rows[run],
      belowThreshold: this.alerts.leftOut[run],
      duplicates: this.alerts.rows[run] - all,
      messages: all,
      required: of('required'),
      allowed: of('allowed'),
      nearMisses: of('nearMiss'),
      otherFalse: of('other'),
      unknown: of('foreign'),
      unverifiable: of('unjudged'),
      per10000: per10000(all - of('foreign'), messages),
    };
  }

  /** What each policy alerted on, in the first run; the busiest first. */
  private policies(): List<PolicyFigures> {
    const counts = this.alerts.policies.map(() => Object.values(VERDICT).map(() => 0));
    for (let slot = 0; slot < this.alerts.slots; slot++) {
      const verdict = this.alerts.verdict(slot);
      if (verdict === VERDICT.merged || verdict === VERDICT.foreign) continue;
      const named = new Set<number>();
      for (const { policy, runs } of this.alerts.about(slot)) if (policy !== 0 && runs & bitOf(0)) named.add(policy);
      for (const policy of named) counts[policy]![verdict]!++;
    }
    const figures = counts.map((of, policy) => policyFigures(this.alerts.policies[policy]!, of)).filter(({ messages }) => messages > 0);
    const list = new List<PolicyFigures>();
    for (const figure of figures.sort((a, b) => b.messages - a.messages || (a.policy < b.policy ? -1 : 1))) list.add(figure);
    return list;
  }
}

const profileOf = (line: Pick<TruthLine, Dimension>): Profile => ({
  scenario: line.scenario,
  family: line.family,
  evasion: line.evasion,
  language: line.language,
  shape: line.shape,
});

function policyFigures(policy: string, counts: readonly number[]): PolicyFigures {
  const required = counts[VERDICT.required]!;
  const nearMisses = counts[VERDICT.nearMiss]!;
  const otherFalse = counts[VERDICT.other]!;
  return {
    policy,
    messages: counts.reduce((sum, count) => sum + count, 0),
    required,
    allowed: counts[VERDICT.allowed]!,
    nearMisses,
    otherFalse,
    precision: shareOf(required, required + nearMisses + otherFalse),
  };
}

/** Null also where there are more alerts than messages: then the number of messages is wrong. */
function per10000(alerted: number, messages: number | null): Share | null {
  const share = messages === null || alerted > messages ? null : shareOf(alerted, messages);
  return share && { value: share.value * 10_000, low: share.low * 10_000, high: share.high * 10_000 };
}
