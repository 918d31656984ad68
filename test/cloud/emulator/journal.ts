/** What happened in the cloud, in order, for tests to look at. */

/** A request that would change an object, in the order in which S3 took them. */
export interface Write {
  /** 1, 2, 3 … */
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly principal: string;
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  /** The header that made it conditional. */
  readonly conditional: 'if-match' | 'if-none-match' | undefined;
  /** What it was answered, or would have been had the answer not been lost; 0: the connection was reset before S3 saw it. */
  status: number;
}

/** A message that SNS was given. */
export interface Notification {
  readonly at: number;
  readonly principal: string;
  readonly topic: string;
  readonly subject: string | undefined;
  readonly message: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** A metric that a function wrote to its log in the embedded metric format. */
export interface Metric {
  readonly at: number;
  readonly functionName: string;
  readonly namespace: string;
  readonly name: string;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

export class Journal {
  readonly writes: Write[] = [];
  readonly notifications: Notification[] = [];
  readonly metrics: Metric[] = [];

  write(entry: Omit<Write, 'count' | 'at'>): Write {
    const write: Write = { count: this.writes.length + 1, at: Date.now(), ...entry };
    this.writes.push(write);
    return write;
  }

  /** Takes the metrics out of a line of a log, where it has some. */
  readMetrics(functionName: string, line: string): void {
    if (!line.includes('"_aws"')) return;
    let record: Record<string, unknown> & { readonly _aws?: Emf };
    try {
      record = JSON.parse(line) as typeof record;
    } catch {
      return;
    }
    for (const { Namespace, Dimensions = [], Metrics } of record._aws?.CloudWatchMetrics ?? [])
      for (const { Name } of Metrics) {
        const dimensions = Object.fromEntries((Dimensions[0] ?? []).map((name) => [name, String(record[name])]));
        for (const value of [record[Name]].flat())
          this.metrics.push({
            at: record._aws!.Timestamp,
            functionName,
            namespace: Namespace,
            name: Name,
            value: Number(value),
            dimensions,
          });
      }
  }
}

interface Emf {
  readonly Timestamp: number;
  readonly CloudWatchMetrics?: readonly {
    readonly Namespace: string;
    readonly Dimensions?: readonly (readonly string[])[];
    readonly Metrics: readonly { readonly Name: string }[];
  }[];
}
