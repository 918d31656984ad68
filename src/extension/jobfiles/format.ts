export type JobFormat = 'json' | 'yaml';

/** The files that are job files, as VS Code's patterns have it. */
export const JOB_FILES = '**/*.mailwright.{json,yaml,yml}';

/** The format of a job file, by its name; undefined where that is not the name of a job file. */
export function formatOf(name: string): JobFormat | undefined {
  const ending = /\.mailwright\.(json|ya?ml)$/i.exec(name)?.[1]?.toLowerCase();
  return ending === undefined ? undefined : ending === 'json' ? 'json' : 'yaml';
}
