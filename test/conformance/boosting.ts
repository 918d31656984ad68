/**
 * Gradient boosting with logistic loss: small regression trees, each fitted to what the ones before it left over
 * (Friedman 2001), over features sorted into bins. Nothing is drawn: the same data give the same model.
 */

/** Rows of numbers, a column a feature. */
export interface Table {
  readonly names: readonly string[];
  readonly columns: readonly Float64Array[];
}

export interface Settings {
  readonly rounds: number;
  /** Splits above a leaf: 1 makes stumps. */
  readonly depth: number;
  readonly rate: number;
  /** Rows a leaf has at the least. */
  readonly leaf: number;
}

/** A feature and the bin up to which rows go left. */
interface Split {
  readonly feature: number;
  readonly bin: number;
}

type Tree = { readonly value: number } | { readonly split: Split; readonly left: Tree; readonly right: Tree };

export interface Model {
  readonly base: number;
  readonly trees: readonly Tree[];
  /** How much each feature has lowered the loss. */
  readonly gains: Float64Array;
}

/** At most so many bins a feature. */
const BINS = 32;

/** Added to the second derivatives of a leaf, so that a small one says little. */
const RIDGE = 5;

/** Columns with each number replaced by its bin: as even as ties allow. */
export function binned({ columns }: Table): Uint8Array[] {
  return columns.map((column) => {
    const sorted = column.slice().sort();
    const edges: number[] = [];
    for (let b = 1; b < BINS; b++) {
      const edge = sorted[Math.floor((b * sorted.length) / BINS)]!;
      if (edge > (edges.at(-1) ?? sorted[0]!)) edges.push(edge);
    }
    // Of a rare value on one side nothing is lost.
    if (edges.length === 0 && sorted[0]! < sorted.at(-1)!) edges.push(sorted.at(-1)!);
    return Uint8Array.from(column, (value) => {
      let bin = 0;
      while (bin < edges.length && value >= edges[bin]!) bin++;
      return bin;
    });
  });
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** Fits a model that tells rows with `positive` 1 from those with 0, looking at `rows` only. */
export function fit(bins: readonly Uint8Array[], positive: Uint8Array, rows: Int32Array, settings: Settings): Model {
  const share = rows.reduce((sum, row) => sum + positive[row]!, 0) / rows.length;
  const base = Math.log(share / (1 - share));
  const scores = new Float64Array(positive.length).fill(base);
  const gradient = new Float64Array(positive.length);
  const weight = new Float64Array(positive.length);
  const gains = new Float64Array(bins.length);
  const trees: Tree[] = [];
  for (let round = 0; round < settings.rounds; round++) {
    for (const row of rows) {
      const p = logistic(scores[row]!);
      gradient[row] = positive[row]! - p;
      weight[row] = p * (1 - p);
    }
    const tree = grow(bins, gradient, weight, rows, settings.depth, settings, gains);
    trees.push(tree);
    for (const row of rows) scores[row]! += valueOf(tree, bins, row);
  }
  return { base, trees, gains };
}

/** Log odds of a row. */
export const scoreOf = ({ base, trees }: Model, bins: readonly Uint8Array[], row: number): number =>
  trees.reduce((sum, tree) => sum + valueOf(tree, bins, row), base);

function valueOf(tree: Tree, bins: readonly Uint8Array[], row: number): number {
  let node = tree;
  while ('split' in node) node = bins[node.split.feature]![row]! <= node.split.bin ? node.left : node.right;
  return node.value;
}

function grow(
  bins: readonly Uint8Array[],
  gradient: Float64Array,
  weight: Float64Array,
  rows: Int32Array,
  depth: number,
  settings: Settings,
  gains: Float64Array,
): Tree {
  let g = 0;
  let h = 0;
  for (const row of rows) {
    g += gradient[row]!;
    h += weight[row]!;
  }
  const split = depth > 0 ? bestSplit(bins, gradient, weight, rows, g, h, settings.leaf, gains) : undefined;
  if (!split) return { value: (settings.rate * g) / (h + RIDGE) };
  const column = bins[split.feature]!;
  const left = rows.filter((row) => column[row]! <= split.bin);
  const right = rows.filter((row) => column[row]! > split.bin);
  return {
    split,
    left: grow(bins, gradient, weight, left, depth - 1, settings, gains),
    right: grow(bins, gradient, weight, right, depth - 1, settings, gains),
  };
}

/** The split that lowers the loss most; none where none does. */
function bestSplit(
  bins: readonly Uint8Array[],
  gradient: Float64Array,
  weight: Float64Array,
  rows: Int32Array,
  g: number,
  h: number,
  leaf: number,
  gains: Float64Array,
): Split | undefined {
  const sums = new Float64Array(BINS * 3);
  let best: Split | undefined;
  let most = 1e-9;
  for (let feature = 0; feature < bins.length; feature++) {
    const column = bins[feature]!;
    sums.fill(0);
    for (const row of rows) {
      const at = column[row]! * 3;
      sums[at]! += gradient[row]!;
      sums[at + 1]! += weight[row]!;
      sums[at + 2]!++;
    }
    let [gl, hl, count] = [0, 0, 0];
    for (let bin = 0; bin < BINS - 1; bin++) {
      gl += sums[bin * 3]!;
      hl += sums[bin * 3 + 1]!;
      count += sums[bin * 3 + 2]!;
      if (count < leaf) continue;
      if (rows.length - count < leaf) break;
      const gain = (gl * gl) / (hl + RIDGE) + ((g - gl) * (g - gl)) / (h - hl + RIDGE) - (g * g) / (h + RIDGE);
      if (gain > most) {
        most = gain;
        best = { feature, bin };
      }
    }
  }
  if (best) gains[best.feature]! += most;
  return best;
}
