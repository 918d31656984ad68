import type { ContentSpec } from '../content.ts';
import type { CompiledTopic, Language } from '../pack/compile.ts';
import type { Party } from '../pack/schema.ts';
import type { Profile } from '../profiles/profile.ts';
import { type Stream, Weights } from '../random.ts';
import type { World } from '../world/world.ts';

/** What a conversation is, as traffic profiles count it. */
export type Category = 'internal' | 'external' | 'social' | 'private' | 'newsletter' | 'robot';

const PERSONAL = 'personal';

/** Where the packs have nothing of the wanted category. */
const FALLBACKS: readonly Category[] = ['internal', 'external', 'social', 'private', 'robot', 'newsletter'];

function categoryOf(topic: CompiledTopic): Category {
  switch (topic.between) {
    case 'newsletter':
    case 'robot':
    case 'private':
      return topic.between;
    case 'desk':
    case 'firm':
      return topic.desk === PERSONAL ? 'social' : 'internal';
    default:
      return 'external';
  }
}

/** A topic, and where in the organisation it is at home. */
export interface Setting {
  readonly topic: CompiledTopic;
  readonly category: Category;
  /** Indices of desks: its own, −1 where the organisation has none; and the others it is discussed with. */
  readonly desk: number;
  readonly others: readonly number[];
}

/** What a topic should be like. */
export interface Cover {
  readonly category: Category;
  readonly between: Party | undefined;
  readonly starts: 'us' | 'them';
  readonly desk: number;
  /** It can carry an attachment. */
  readonly attachment: boolean;
}

interface Shelf {
  readonly settings: readonly Setting[];
  readonly weights: Weights;
}

/** What can be talked about: topics by language and category, weighed by the size of their desk. */
export class Topics {
  /** By language, in the order of `tags`. */
  private readonly shelves: readonly Partial<Record<Category, Shelf>>[];
  private readonly languages: Weights;
  private readonly tags: readonly string[];
  private readonly profile: Profile;
  private readonly covers = new Map<string, Shelf>();

  constructor(spec: ContentSpec, world: World, languages: ReadonlyMap<string, Language>, profile: Profile) {
    this.profile = profile;
    this.tags = world.tags;
    this.languages = new Weights(world.tags.map((tag) => spec.content.languages[tag]!));
    const deskIds = spec.organisation.desks.map((d) => d.id);
    this.shelves = world.tags.map((tag) => {
      const byCategory = new Map<Category, [Setting, number][]>();
      for (const topic of languages.get(tag)!.topics) {
        const desk = deskIds.indexOf(topic.desk);
        const weight = desk >= 0 ? world.deskSize(desk, tag) : this.deskless(topic) ? 1 : 0;
        if (weight === 0) continue;
        const category = categoryOf(topic);
        const list = byCategory.get(category) ?? [];
        byCategory.set(category, list);
        const others = topic.with.map((id) => deskIds.indexOf(id)).filter((d) => d >= 0);
        list.push([{ topic, category, desk, others }, weight * topic.weight]);
      }
      return Object.fromEntries(
        [...byCategory].map(([category, list]) => [
          category,
          { settings: list.map(([s]) => s), weights: new Weights(list.map(([, w]) => w)) },
        ]),
      );
    });
  }

  /** Draws a language: its place in the world's tags. */
  language(stream: Stream): number {
    return this.languages.draw(stream);
  }

  /** The topic of a conversation of `size` messages in a language. */
  draw(size: number, language: number, stream: Stream): Setting {
    const shelves = this.shelves[language]!;
    const wanted = this.category(size, stream);
    const category = shelves[wanted] ? wanted : FALLBACKS.find((c) => shelves[c]);
    if (category) {
      const shelf = shelves[category]!;
      return shelf.settings[shelf.weights.draw(stream)]!;
    }
    throw new RangeError(`the packs for ${this.tags[language]} have no topic for any desk of the organisation`);
  }

  /** A topic under which a thread of an arc goes: as near to what is wanted as the packs have one. */
  cover(language: number, wanted: Cover, stream: Stream): Setting {
    const key = `${language} ${Object.values(wanted).join(' ')}`;
    let shelf = this.covers.get(key);
    if (!shelf) this.covers.set(key, (shelf = this.coversFor(language, wanted)));
    return shelf.settings[shelf.weights.draw(stream)]!;
  }

  /** What colleagues write about, as often as they do. */
  among(stream: Stream): Category {
    const { external, private: own } = this.profile;
    return stream.under(10000) * (100 - external - own / 2) < own * 5000 ? 'social' : 'internal';
  }

  private coversFor(language: number, { category, between, starts, desk, attachment }: Cover): Shelf {
    const shelves = this.shelves[language]!;
    const all = (shelves[category] ?? shelves[FALLBACKS.find((c) => shelves[c])!])!.settings;
    const party = (s: Setting): boolean => between === undefined || (s.topic.between === between && s.topic.starts === starts);
    const home = (s: Setting): boolean => category === 'private' || s.desk === desk;
    const carries = (s: Setting): boolean => !attachment || s.topic.attaches;
    for (const fits of [(s: Setting) => party(s) && home(s) && carries(s), (s: Setting) => party(s) && carries(s), party, () => true]) {
      const settings = all.filter(fits);
      if (settings.length > 0) return { settings, weights: new Weights(settings.map((s) => s.topic.weight)) };
    }
    throw new RangeError(`the packs for ${this.tags[language]} have no ${category} topic`);
  }

  private category(size: number, stream: Stream): Category {
    const p = this.profile;
    if (size === 1 && stream.percent(p.machine)) return stream.percent(45) ? 'newsletter' : 'robot';
    const at = stream.under(10000) / 100;
    if (at < p.external) return 'external';
    if (at < p.external + p.private / 2) return 'private';
    if (at < p.external + p.private) return 'social';
    return 'internal';
  }

  private deskless(topic: CompiledTopic): boolean {
    return topic.desk === PERSONAL || topic.between === 'newsletter' || topic.between === 'robot';
  }
}
