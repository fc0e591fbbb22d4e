/**
 * WordNet's lexicographer files: the 45 semantic fields into which its editors sorted every synset.
 *
 * @module
 */

/** The parts of speech that WordNet knows; satellite adjectives count as adjectives. */
export type PartOfSpeech = "noun" | "verb" | "adjective" | "adverb";

/** A semantic field: the part of speech, and the field's name as one plain English word. */
export interface SemanticField {
  /** The part of speech of all its synsets. */
  partOfSpeech: PartOfSpeech;
  /** The name, such as "artifact"; nouns and verbs share some, such as "communication". */
  name: string;
}

const NOUN_FIELDS =
  "top act animal artifact attribute body cognition communication event feeling food group location " +
  "motive object person phenomenon plant possession process quantity relation shape state substance time";
const VERB_FIELDS = "body change cognition communication competition consumption contact creation emotion motion " +
  "perception possession social stative weather";

const named = (partOfSpeech: PartOfSpeech) => (name: string): SemanticField => ({ partOfSpeech, name });

/**
 * The fields by lexicographer file number, 0 to 44 (lexnames(5WN) of WordNet 3.1). "top" holds the roots of the noun
 * tree, "any" the adjectives or adverbs without a field of their own.
 */
export const SEMANTIC_FIELDS: readonly SemanticField[] = [
  ...["any", "pertainym"].map(named("adjective")),
  ...["any"].map(named("adverb")),
  ...NOUN_FIELDS.split(" ").map(named("noun")),
  ...VERB_FIELDS.split(" ").map(named("verb")),
  named("adjective")("participle"),
];

/** Six realms, each some of the noun fields. */
const REALMS = {
  being: "animal person plant body",
  matter: "artifact food object substance",
  event: "act event phenomenon process",
  mind: "cognition communication feeling motive",
  quality: "attribute quantity relation shape state",
  setting: "group location possession time",
};

/** The realm of each noun field but "top", under the field's name. */
export const REALM_OF_FIELD: ReadonlyMap<string, string> = new Map(
  Object.entries(REALMS).flatMap(([realm, fields]) => fields.split(" ").map((field) => [field, realm] as const)),
);
