/** Numbers as people read them, in their language. */
export class Figures {
  private readonly locale: string;
  /** Made when first needed: the first one takes 10 ms, which would be a part of every start. */
  private readonly made: { whole?: Intl.NumberFormat; short?: Intl.NumberFormat; money?: Intl.NumberFormat } = {};

  constructor(locale: string) {
    this.locale = locale;
  }

  private get whole(): Intl.NumberFormat {
    return (this.made.whole ??= new Intl.NumberFormat(this.locale, { maximumFractionDigits: 0 }));
  }

  private get short(): Intl.NumberFormat {
    return (this.made.short ??= new Intl.NumberFormat(this.locale, { maximumFractionDigits: 1 }));
  }

  private get money(): Intl.NumberFormat {
    return (this.made.money ??= new Intl.NumberFormat(this.locale, { style: 'currency', currency: 'USD' }));
  }

  count(n: number): string {
    return this.whole.format(n);
  }

  /** Decimal units: 1.5 MB is 1,500,000 bytes. */
  bytes(n: number): string {
    const step = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, n)) / 3)));
    const value = n / 1000 ** step;
    return `${value >= 100 || step === 0 ? this.whole.format(value) : this.short.format(value)} ${UNITS[step]}`;
  }

  /** "8 s", "3 min", "2 h 5 min" */
  duration(seconds: number): string {
    const [value, unit] = seconds < 120 ? [Math.max(1, Math.round(seconds)), 's'] : [Math.round(seconds / 60), 'min'];
    if (unit === 's' || value < 120) return `${this.whole.format(value)} ${unit}`;
    const minutes = value % 60;
    return `${this.whole.format(Math.floor(value / 60))} h${minutes === 0 ? '' : ` ${minutes} min`}`;
  }

  dollars(n: number): string {
    return n > 0 && n < 0.01 ? `< ${this.money.format(0.01)}` : this.money.format(n);
  }

  /** Not 100 % before all is there. */
  percent(part: number, of: number): string {
    return of === 0 ? '0 %' : `${Math.floor((part * 100) / of)} %`;
  }
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
