import type { Metafile } from 'esbuild';

/** What esbuild's metafile says of the files that it made. */

type Outputs = Metafile['outputs'];
type Kind = Outputs[string]['imports'][number]['kind'];

/** A file of the output, and all that it imports, at once or later; or in these ways only. */
export function loadedBy(entry: string, outputs: Outputs, kinds?: readonly Kind[]): string[] {
  const loaded = new Set([entry]);
  for (const file of loaded)
    for (const { path, kind } of outputs[file]!.imports)
      if (Object.hasOwn(outputs, path) && (kinds?.includes(kind) ?? true)) loaded.add(path);
  return [...loaded];
}

/** The sources of some files: what was read and left out does not count. */
export const sourcesOf = (files: readonly string[], outputs: Outputs): string[] =>
  files.flatMap((file) => Object.entries(outputs[file]!.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? path : [])));
