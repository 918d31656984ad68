import type { ArcSlot } from '../block.ts';
import type { ContentSpec } from '../content.ts';
import { Ids } from '../id.ts';
import type { CompiledScenario, Language } from '../pack/compile.ts';
import type { Evasion, Role, Scenario } from '../pack/scenario.ts';
import { below, label, type Path, Stream, Weights } from '../random.ts';
import type { Person } from '../world/person.ts';
import { PEOPLE_A_FIRM, skewed, type OutsideKind, type World } from '../world/world.ts';
import type { Placement, Unit } from './placement.ts';
import { orderOf } from './order.ts';
import { inFile, isSelf, messagesOf, type ThreadShape, threadsOf } from './shape.ts';

/** Who plays a role. */
export interface Player {
  readonly person: Person;
  readonly role: Role;
  /** The number of their firm, where they are at one outside. */
  readonly firm: number;
}

/** An arc or a near miss: who, in which language, at which level, in which threads. */
export interface Arc {
  readonly unit: Unit;
  /** Twelve hexadecimal digits. */
  readonly id: string;
  /** The arc a near miss is paired with. */
  readonly pairedWith: string | undefined;
  readonly scenario: CompiledScenario;
  readonly evasion: Evasion;
  /** Place of the language in the world's tags. */
  readonly tongue: number;
  /** Where the words come from: another language at the level of that name. */
  readonly words: { readonly language: Language; readonly scenario: CompiledScenario };
  /** Which near miss of the scenario, or −1. */
  readonly near: number;
  /** By role. */
  readonly players: readonly Player[];
  readonly threads: readonly ArcThread[];
  readonly path: Path;
}

export interface ArcThread extends ThreadShape {
  /** Messages in the corpus, the ordinary ones too. */
  readonly size: number;
  /** Its first message, an ordinary one or a phase, stands before the corpus begins. */
  readonly begun: boolean;
  /** The messages of its phases, counted from that first one. */
  readonly at: readonly number[];
  readonly path: Path;
}

const ARC = label('arc');
const THREADS = label('threads');
const PLAYERS = label('players');
const MAILBOX = label('mailbox');

/** How many ordinary messages a thread has: of one phase, of more. */
const EXTRAS = [new Weights([25, 45, 30]), new Weights([20, 45, 35])] as const;

/** The same where its first phase is only quoted: somebody has to quote it. */
const QUOTING = new Weights([15, 25, 60]);

/** Percent of threads that began before the corpus, besides those whose first phase did: with these, as many as of ordinary mail. */
const BEGUN = 7;

/** Percent of the threads whose first phase is only quoted in which whoever wrote it writes again, and quotes themselves. */
const AGAIN = 45;

/** Percent of arcs in which an outsider who has either address writes from their private one. */
const PRIVATE = 52;

/** The arcs of a corpus, each computable alone. */
export class Arcs {
  private readonly spec: ContentSpec;
  private readonly world: World;
  private readonly placement: Placement;
  private readonly path: Path;
  private readonly ids: Ids;

  constructor(spec: ContentSpec, world: World, placement: Placement, seed: Path) {
    this.spec = spec;
    this.world = world;
    this.placement = placement;
    this.path = below(seed, ARC);
    this.ids = new Ids(seed, 'arc');
  }

  /** The threads of the arcs in a block: see BlockPlan. */
  slots(block: number): { path: Path; size: number; arc: ArcSlot }[] {
    return this.placement
      .in(block)
      .flatMap((unit) => this.threads(unit).map(({ path, size }, thread) => ({ path, size, arc: { unit, thread } })));
  }

  /** The threads of a unit: of one shape for an arc and its near misses, each on a path of its own. */
  private threads(unit: Unit): ArcThread[] {
    const { source } = this.versions(unit)[0]!.scenario;
    const { evasion } = unit.cell;
    const shared = below(this.path, unit.arc);
    const stream = new Stream(below(shared, THREADS));
    const own = below(shared, unit.near + 1);
    return threadsOf(source, evasion).map((shape, i) => {
      const phases = shape.phases.map((phase) => source.phases[phase]!);
      // Nobody answers themselves.
      const home = phases.some(({ from, to }) => isSelf(source.roles[from]!) || isSelf(source.roles[to]!));
      const extras = home ? 0 : (shape.ghost ? QUOTING : EXTRAS[phases.length > 1 ? 1 : 0]).draw(stream);
      const size = messagesOf(shape) + extras;
      // An attachment comes with the first message; and what is only quoted stands before the first.
      const opens = shape.ghost || inFile(evasion) !== undefined;
      const begun = shape.ghost || (!opens && size > phases.length && stream.percent(BEGUN));
      const again = shape.ghost && extras > 0 && phases.length > 1 && stream.percent(AGAIN) ? 1 : 0;
      const at = shape.ghost
        ? phases.map((_, m) => (m === 0 ? 0 : m + again))
        : orderOf(phases, begun ? 2 : 0, size + (begun ? 1 : 0), opens, stream);
      return { ...shape, size, begun, at, path: below(own, i + 1) };
    });
  }

  /** A scenario in the languages that are drawn and have it. */
  private versions(unit: Unit): { language: Language; scenario: CompiledScenario; tongue: number }[] {
    return this.world.tags.flatMap((tag, tongue) => {
      const language = this.world.languages.get(tag)!;
      const scenario = language.scenarios.get(unit.cell.scenario);
      return scenario ? [{ language, scenario, tongue }] : [];
    });
  }

  of(unit: Unit): Arc {
    const { cell, near } = unit;
    const shared = below(this.path, unit.arc);
    const stream = new Stream(shared);
    const versions = this.versions(unit);
    const weights = new Weights(versions.map(({ language }) => this.spec.content.languages[language.tag]!));
    const at = weights.draw(stream);
    const own = versions[at]!;
    const others = versions.filter((version) => version !== own);
    const words = cell.evasion === 'language' && others.length > 0 ? stream.pick(others) : own;
    const kinds = words.scenario.nearMisses.length;
    // Its near misses are of different kinds, as long as there are as many.
    const kind = stream.under(kinds);
    const path = below(shared, near + 1);
    return {
      unit,
      id: this.ids.id(this.number(unit)),
      pairedWith: near === 0 ? undefined : this.ids.id(this.number({ ...unit, near: 0 })),
      scenario: own.scenario,
      evasion: cell.evasion,
      tongue: own.tongue,
      words,
      near: near === 0 ? -1 : (kind + near - 1) % kinds,
      players: this.castOf(unit, own.scenario.source, own.language.tag),
      threads: this.threads(unit),
      path,
    };
  }

  private number({ cell, arc, near }: Unit): number {
    return cell.firstUnit + near * cell.arcs + (arc - cell.firstArc);
  }

  /** Where outsiders of either address write from. What has an attachment, is business. */
  private mailbox({ cell: { evasion }, arc }: Unit): 'business' | 'private' {
    if (inFile(evasion)) return 'business';
    return new Stream(below(below(this.path, arc), MAILBOX)).percent(PRIVATE) ? 'private' : 'business';
  }

  /** A near miss has other people than the arc it is paired with. */
  private castOf(unit: Unit, scenario: Scenario, tag: string): Player[] {
    const apart = unit.near === 0 ? [] : this.castOf({ ...unit, near: 0 }, scenario, tag).map(({ person }) => person);
    const path = below(below(this.path, unit.arc), unit.near + 1);
    return this.cast(scenario, tag, this.mailbox(unit), apart, new Stream(below(path, PLAYERS)));
  }

  /** Finds people for the roles: of fitting desks and rank, no two the same. */
  private cast({ roles }: Scenario, tag: string, mailbox: 'business' | 'private', apart: readonly Person[], stream: Stream): Player[] {
    const { world } = this;
    const players: Player[] = [];
    const free = (person: Person): boolean => players.every((p) => p.person.address !== person.address);
    for (const role of Object.values(roles)) {
      const insider = players[0]?.person;
      let player: Player | undefined;
      for (let tries = 0; tries < MOST_TRIES && !player; tries++) {
        const found =
          'desk' in role
            ? this.employee(role, insider, tries, tag, stream)
            : this.outsider(role.mailbox === 'either' && mailbox === 'private' ? mailbox : role.outside, insider!, tag, stream);
        // What is wished gives way first, in a small firm.
        const strange = apart.every(({ address }) => address !== found.person.address);
        const fits = tries > MOST_TRIES / 2 || (strange && this.fits(found.person, role, players.length === 0));
        if (free(found.person) && fits) player = { ...found, role };
      }
      // Then anybody who has no role yet, and in a firm of two whoever there is.
      for (let k = 0; !player && k < world.organisation.employees; k++)
        if (free(world.employee(k))) player = { person: world.employee(k), firm: -1, role };
      players.push(player ?? { person: world.employee(0), firm: -1, role });
    }
    return players;
  }

  private employee(
    role: Role & { desk: unknown },
    insider: Person | undefined,
    tries: number,
    tag: string,
    stream: Stream,
  ): { person: Person; firm: number } {
    const { world, spec } = this;
    if (role.desk === 'same') {
      // A senior of the own desk is the boss, where there is one.
      const boss = 'senior' in role && role.senior === true && tries === 0 ? world.organisation.manager(insider!.employee) : undefined;
      return { person: boss === undefined ? world.contact(insider!, stream, insider!.desk) : world.employee(boss), firm: -1 };
    }
    const known = Array.isArray(role.desk)
      ? role.desk
          .map((id: string) => spec.organisation.desks.findIndex((d) => d.id === id))
          .filter((d) => d >= 0 && world.deskSize(d, tag) > 0)
      : [];
    const desk = known.length > 0 ? stream.pick(known) : world.organisation.cellOf(stream.under(world.organisation.employees)).desk;
    if (insider) return { person: world.contact(insider, stream, known.length > 0 ? desk : -1), firm: -1 };
    return { person: world.someone(stream, desk, tag), firm: -1 };
  }

  private outsider(kind: OutsideKind | 'private' | 'self', insider: Person, tag: string, stream: Stream): { person: Person; firm: number } {
    const { world } = this;
    if (kind === 'private') return { person: world.friend(insider.employee, skewed(stream, 8), tag), firm: -1 };
    if (kind === 'self') return { person: world.atHome(insider), firm: -1 };
    const firm = world.dealsWith(insider, stream, kind, tag);
    return { person: world.outsider(kind, firm, skewed(stream, PEOPLE_A_FIRM), tag), firm };
  }

  /** Whether a rank will do: trainees and assistants lead no arc. */
  private fits({ employee }: Person, role: Role, leads: boolean): boolean {
    if (employee < 0) return true;
    const level = this.world.organisation.level(employee);
    if ('senior' in role && role.senior !== undefined) return level >= 2 === role.senior;
    return !leads || level >= 1;
  }
}

const MOST_TRIES = 40;
