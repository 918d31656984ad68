import { type Run, runOf } from '../mime/bytes.ts';
import { below, label, type Path, Permutation } from '../random.ts';
import { fold } from './names.ts';

/** Made-up firms. Stems are compounds that name no firm we know of; a kind has its own trades. */
// prettier-ignore
const HEADS = 'Hal Brack Thorn Quen Mar Vel Ost Cald Fen Wyn Tarr Lund Esk Dar Grev Holm Kest Rav Sel Mor Pell Ard Bex Corv Dunn Elv Farr Gant Ilm Jor Kel Lor Ner Orm Pask Rud Stav Tev Ulv Wend'.split(' ');
// prettier-ignore
const TAILS = 'vern well more wick dal stane gate ford mere haven brook field march croft leigh bridge holt vale rick den worth by thorpe sted lock moor'.split(' ');

// prettier-ignore
const TRADES = {
  client: ['Logistics', 'Foods', 'Energy', 'Pharma', 'Holdings', 'Industries', 'Retail', 'Chemicals', 'Materials', 'Health', 'Shipping', 'Properties', 'Motors', 'Paper', 'Textiles', 'Insurance', 'Pensions', 'Family Office', 'Utilities', 'Packaging', 'Steel', 'Media', 'Telecom', 'Agri'],
  issuer: ['Logistics', 'Foods', 'Energy', 'Pharma', 'Industries', 'Retail', 'Chemicals', 'Materials', 'Health', 'Shipping', 'Properties', 'Motors', 'Paper', 'Textiles', 'Utilities', 'Packaging', 'Steel', 'Media', 'Telecom', 'Agri'],
  counterparty: ['Securities', 'Capital Markets', 'Bank', 'Brokers', 'Asset Management', 'Trading', 'Clearing', 'Partners', 'Investments', 'Markets'],
  vendor: ['Systems', 'Software', 'Data', 'Facilities', 'Networks', 'Consulting', 'Print', 'Recruitment', 'Catering', 'Training', 'Analytics', 'Security', 'Travel', 'Archives'],
  newsletter: ['Daily', 'Review', 'Monitor', 'Briefing', 'Journal', 'Insights', 'Report', 'Bulletin'],
} as const;

const REGULATORS = [
  'Market Conduct Office',
  'Prudential Standards Board',
  'Securities Oversight Council',
  'Financial Reporting Authority',
  'Clearing Supervision Office',
];

export type FirmKind = keyof typeof TRADES | 'regulator';

export interface Firm {
  readonly name: string;
  /** The name in UTF-8. */
  readonly said: Run;
  readonly domain: string;
}

/** Firms kept at hand, a kind. */
const CACHE = 4096;

/** The firms of a world; firm n of a kind is computable alone, and no two of all kinds share a domain. */
export class Companies {
  private readonly orders = new Map<FirmKind, Permutation>();
  private readonly cache = new Map<string, Map<number, Firm>>();

  constructor(seed: Path) {
    const path = below(seed, label('companies'));
    for (const kind of Object.keys(TRADES) as (keyof typeof TRADES)[])
      this.orders.set(kind, new Permutation(HEADS.length * TAILS.length * TRADES[kind].length, below(path, label(kind))));
  }

  firm(kind: FirmKind, n: number): Firm {
    let known = this.cache.get(kind);
    if (!known || known.size >= CACHE) this.cache.set(kind, (known = new Map()));
    let firm = known.get(n);
    if (!firm) known.set(n, (firm = this.make(kind, n)));
    return firm;
  }

  private make(kind: FirmKind, n: number): Firm {
    if (kind === 'regulator') {
      const name = REGULATORS[n % REGULATORS.length]!;
      const district = Math.floor(n / REGULATORS.length);
      const slug = name.split(' ').map(fold).join('-');
      return firmOf(district === 0 ? name : `${name}, District ${district + 1}`, `${slug}${district === 0 ? '' : district + 1}.example`);
    }
    const trades = TRADES[kind];
    const size = HEADS.length * TAILS.length * trades.length;
    const at = this.orders.get(kind)!.at(n % size);
    const head = HEADS[at % HEADS.length]!;
    const tail = TAILS[Math.floor(at / HEADS.length) % TAILS.length]!;
    const trade = trades[Math.floor(at / (HEADS.length * TAILS.length))]!;
    const name = `${head}${tail} ${trade}`;
    return firmOf(name, `${name.split(' ').map(fold).join('-')}.example`);
  }
}

function firmOf(name: string, domain: string): Firm {
  return { name, said: runOf(name), domain };
}
