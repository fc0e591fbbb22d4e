/**
 * The kinds of questions that the built-in corpus asks about WordNet.
 *
 * @module
 */
import { chainFinder } from "./wordnet_chain.ts";
import { onceEach } from "./once_each.ts";
import { type Split, splitOfWord, splitSynsets } from "./wordnet_split.ts";
import { REALM_OF_FIELD } from "./wordnet_fields.ts";
import type { Synset, WordNet } from "./wordnet.ts";

/** The name of a kind of question. */
export type WordNetKind =
  | "noun-field"
  | "verb-field"
  | "word-field"
  | "word-class"
  | "gap-class"
  | "gloss-class"
  | "realm"
  | "chain";

/** A question before it is put into words: its subject and its answer. */
export interface Question {
  /** The word, definition or sentence that is asked about; it replaces `*` in an instruction. */
  subject: string;
  /** The answer. */
  answer: string;
}

/** How the questions of a kind are worded and balanced. */
export interface KindRules {
  /** The wordings, with `*` for the subject. */
  instructions: string[];
  /** The largest share of one answer in multiples of the uniform share. */
  balance: number;
}

/** The rules of every kind. */
export const KIND_RULES: Readonly<Record<WordNetKind, KindRules>> = {
  "noun-field": { instructions: ["Name the field of this thing: *", "What kind of thing is this? *"], balance: 2 },
  "verb-field": { instructions: ["Name the field of this action: *", "What kind of action is this? *"], balance: 2 },
  "word-field": { instructions: ['Name the field of "*".', 'To which field does "*" belong?'], balance: 2 },
  "word-class": { instructions: ['Name the word class of "*".', 'What part of speech is "*"?'], balance: 1.1 },
  "gap-class": { instructions: ["Which class of word is missing? *", "Name the class of the gap: *"], balance: 1.1 },
  "gloss-class": { instructions: ["What part of speech means this? *", "Class of the word for: *"], balance: 1.1 },
  "realm": { instructions: ["Name the realm of this thing: *", "To which realm does it belong? *"], balance: 1.1 },
  "chain": { instructions: ["Classify this thing: *", "To which classes does this belong? *"], balance: 3 },
};

/** The words of a text, separated by spaces. */
function countWords(text: string): number {
  let count = 1;
  for (let at = text.indexOf(" "); at >= 0; at = text.indexOf(" ", at + 1)) count += 1;
  return count;
}

const isPlain = (text: string): boolean => /^[\x20-\x7e]+$/.test(text);

/** What the question makers share. */
interface Material {
  dictionary: WordNet;
  split: Split;
  synsets: readonly Synset[];
}

function fieldOfDefinition({ synsets }: Material, partOfSpeech: "noun" | "verb"): Question[] {
  return synsets
    .filter((synset) => synset.partOfSpeech === partOfSpeech && synset.field !== "top" && isShort(synset))
    .map(({ definition, field }) => ({ subject: definition, answer: field }));
}

function isShort({ definition }: Synset): boolean {
  const length = countWords(definition);
  return length >= 2 && length <= 24 && isPlain(definition);
}

/** A word that has one answer only, over all synsets of the dictionary. */
interface UnambiguousWord extends Question {
  split: Split;
}

/** Makes the function that finds such words of a dictionary. */
const unambiguousWords = (answerOf: (synset: Synset) => string): (dictionary: WordNet) => UnambiguousWord[] =>
  onceEach(({ synsets }) => {
    const answers = new Map<string, string | undefined>();
    for (const synset of synsets) {
      const answer = answerOf(synset);
      for (const word of synset.words) {
        answers.set(word, !answers.has(word) || answers.get(word) === answer ? answer : undefined);
      }
    }
    const words: UnambiguousWord[] = [];
    for (const [word, answer] of answers) {
      if (answer === undefined || answer === "" || !isPlain(word) || !/^\p{L}{3}/u.test(word)) continue;
      words.push({ subject: word, answer, split: splitOfWord(word) });
    }
    return words;
  });

const wordsOfOneField = unambiguousWords(({ partOfSpeech, field }) =>
  (partOfSpeech === "noun" || partOfSpeech === "verb") && field !== "top" ? field : ""
);

const wordsOfOneClass = unambiguousWords(({ partOfSpeech }) => partOfSpeech);

const ofSplit = (words: readonly UnambiguousWord[], wanted: Split): Question[] =>
  words.filter(({ split }) => split === wanted).map(({ subject, answer }) => ({ subject, answer }));

const wordFields = ({ dictionary, split }: Material): Question[] => ofSplit(wordsOfOneField(dictionary), split);

/** Single words only: a phrase reveals its class by its number of words. */
const wordClasses = ({ dictionary, split }: Material): Question[] =>
  ofSplit(wordsOfOneClass(dictionary), split).filter(({ subject }) => !/[ \d]/.test(subject));

function glossClasses({ synsets }: Material): Question[] {
  return synsets.filter(isShort).map(({ definition, partOfSpeech }) => ({ subject: definition, answer: partOfSpeech }));
}

function realms(material: Material): Question[] {
  return fieldOfDefinition(material, "noun").map(({ subject, answer: field }) => {
    return { subject, answer: REALM_OF_FIELD.get(field)! };
  });
}

/** Example sentences with the synset's own word left out, in any regular inflection. */
function gapClasses({ dictionary, split, synsets }: Material): Question[] {
  if (split === "train") return trainGaps(dictionary);
  // Without their words, different sentences can be the same.
  const known = new Set(trainGaps(dictionary).map(({ subject }) => subject));
  return gaps(synsets).filter(({ subject }) => !known.has(subject));
}

const trainGaps = onceEach((dictionary: WordNet) => gaps(splitSynsets(dictionary).train));

function gaps(synsets: readonly Synset[]): Question[] {
  return synsets.flatMap(({ examples, words: own, partOfSpeech }) => {
    if (examples.length === 0) return [];
    const forms = new Set(
      own.flatMap((word) => ["", "s", "es", "d", "ed", "ing"].map((end) => word.toLowerCase() + end)),
    );
    return examples.flatMap((example) => {
      const length = countWords(example);
      if (length < 4 || length > 20 || !isPlain(example)) return [];
      const parts = example.split(/([A-Za-z'-]+)/);
      const place = parts.findIndex((part) => forms.has(part.toLowerCase()));
      return place < 0 ? [] : [{ subject: parts.with(place, "___").join(""), answer: partOfSpeech as string }];
    });
  });
}

function chains({ dictionary, synsets }: Material): Question[] {
  const chainOf = chainFinder(dictionary);
  return synsets.filter(isShort).flatMap((synset) => {
    const answer = chainOf(synset);
    return answer === undefined ? [] : [{ subject: synset.definition, answer }];
  });
}

/** The maker of each kind of question. */
const MAKERS: Readonly<Record<WordNetKind, (material: Material) => Question[]>> = {
  "noun-field": (material) => fieldOfDefinition(material, "noun"),
  "verb-field": (material) => fieldOfDefinition(material, "verb"),
  "word-field": wordFields,
  "word-class": wordClasses,
  "gap-class": gapClasses,
  "gloss-class": glossClasses,
  "realm": realms,
  "chain": chains,
};

/**
 * Makes all questions of the given kinds for a split of the dictionary, unbalanced, in the dictionary's order, each
 * subject once per kind.
 *
 * @param dictionary WordNet.
 * @param split Whose words.
 * @param kinds The kinds.
 * @returns The questions of each kind.
 */
export function wordNetQuestions(
  dictionary: WordNet,
  { split, kinds }: { split: Split; kinds: readonly WordNetKind[] },
): Map<WordNetKind, Question[]> {
  const material = { dictionary, split, synsets: splitSynsets(dictionary)[split] };
  return new Map(kinds.map((kind) => {
    const bySubject = new Map<string, Question>();
    // A subject with two answers (a definition that two synsets share) would be ambiguous.
    const doubtful = new Set<string>();
    for (const question of MAKERS[kind](material)) {
      const { subject, answer } = question;
      if ((bySubject.get(subject)?.answer ?? answer) !== answer) doubtful.add(subject);
      bySubject.set(subject, question);
    }
    return [kind, [...bySubject.values()].filter(({ subject }) => !doubtful.has(subject))];
  }));
}
