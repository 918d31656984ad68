import { corpusPlaceOf, foldersAbove, jsonOf, pathAt, truthAt, truthSchema } from './mail-corpus.ts';
import type { MailFiles } from './mail-files.ts';
import type { MailContext } from './mail-session.ts';
import { threadInFolder, threadInRow } from './mail-thread.ts';
import { jobPath, placeOf, previewPath, SCHEME } from './place.ts';

/**
 * What is known of a message beside its bytes: of one made on the spot, of one of a job's, of one in a corpus's folder; of any
 * other file its neighbours alone.
 */
export async function contextOf(files: MailFiles, scheme: string, path: string): Promise<MailContext> {
  const place = scheme === SCHEME ? placeOf(path) : undefined;
  if (place?.kind === 'preview') {
    const { digest, index } = place;
    const truth = truthSchema.safeParse(await jsonOf(files, previewPath(digest, index, 'truth')));
    return {
      truth: truth.data,
      // How many there are is not known here: one too many is not there.
      thread: () => threadInRow(files, { index, messages: Infinity, path: (n) => previewPath(digest, n) }),
    };
  }
  const corpus = await corpusPlaceOf(files, path, place?.kind === 'job' ? [jobPath(place.job, '').slice(0, -1)] : foldersAbove(path));
  if (!corpus) return { truth: undefined, thread: () => (scheme === 'file' ? threadInFolder(files, path) : Promise.resolve(undefined)) };
  return {
    truth: await truthAt(files, corpus),
    thread: () =>
      threadInRow(files, {
        index: corpus.index,
        messages: corpus.plan.messages,
        path: (n) => (n === corpus.index ? path : pathAt(corpus, n)),
      }),
  };
}
