/**
 * Options by older names, which would otherwise be ignored: plain text was called a corpus.
 *
 * @module
 */

const now: Readonly<Record<string, string>> = {
  corpusRows: "textRows",
  corpusWeight: "textWeight",
  corpusBatchSize: "textBatchSize",
};

/**
 * Refuses options by their older names.
 *
 * @param deed What cannot be done then, as in "train".
 * @param options The options.
 * @throws {TypeError} If there is one; the message has its current name.
 */
export function refuseRetired(deed: string, options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || !Object.hasOwn(now, name)) continue;
    throw new TypeError(`Cannot ${deed}: ${name} has been renamed to ${now[name]}`);
  }
}
