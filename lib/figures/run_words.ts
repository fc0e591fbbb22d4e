/**
 * What a run's scores mean, in words: gains and losses, warnings of a teacher that has nothing to teach, answers
 * without an end. A loss is called a loss, and no number needs its sign to be understood.
 *
 * @module
 */
import { runGains, type RunResult, type TeacherScores } from "./run_result.ts";

/** What a teacher with another tokenizer says of rows, in words. */
export function alignmentLine({ alignedTokens = 1, singleTokens = 1 }: Readonly<Record<string, number>>): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return `the teacher has another tokenizer: ${percent(alignedTokens)} of the response tokens are in spans that both ` +
    `end together, ${percent(singleTokens)} are one token of either`;
}

/** A headline number with the words that say which way it goes. */
export interface Headline {
  /** What it is: `"ROUGE-L lost"`. */
  name: string;
  /** The number, without a sign; a dash if there is no number. */
  value: string;
  /** What it is counted in. */
  unit: string;
}

/** The headlines of a run. */
export interface RunHeadlines {
  /** How the gap in validation loss between start and teacher changed. */
  gap: Headline;
  /** ROUGE-L, student against start. */
  gained: Headline;
  /** ROUGE-L, student against constant answers. */
  constant: Headline;
}

/** A difference at the decimals that are shown: its size as text, and which way it goes. */
function sized(value: number, decimals = 1): { size: string; way: -1 | 0 | 1 } {
  const size = Math.abs(value).toFixed(decimals);
  return { size, way: Number(size) === 0 ? 0 : value < 0 ? -1 : 1 };
}

/** One of three words, by the way of a difference. */
const byWay = <T>(way: -1 | 0 | 1, { less, same, more }: { less: T; same: T; more: T }): T =>
  way < 0 ? less : way > 0 ? more : same;

/** How far the gap was closed, in percent; more than 100 where the student's loss ends below the teacher's. */
function gapWords(result: RunResult): { clause: string; headline: Headline } {
  const { gapClosed } = runGains(result);
  if (gapClosed === undefined) {
    return {
      clause: "found no gap in validation loss to close, as the teacher's is no lower than the start's",
      headline: { name: "No gap to the teacher", value: "–", unit: "" },
    };
  }
  const { size, way } = sized(100 * gapClosed, 0);
  const beyond = Number(size) - 100;
  const [clause, name, value] = way < 0
    ? [`widened the gap in validation loss by ${size} %`, "Gap to the teacher widened", size]
    : way > 0 && beyond > 0
    ? [
      `closed the gap in validation loss and went ${beyond} % of it beyond the teacher`,
      "Gap closed, and beyond the teacher",
      String(beyond),
    ]
    : [`closed ${size} % of the gap in validation loss`, "Gap to the teacher closed", size];
  return { clause, headline: { name, value, unit: "%" } };
}

/**
 * Summarizes in one sentence, for a terminal, what a run gained and lost.
 *
 * @param result The run's result.
 * @returns `The student closed 75 % of the gap in validation loss, gained 11.5 points of ROUGE-L, and is 7.5 above
 * constant answers, in 163 s.`
 */
export function runSentence(result: RunResult): string {
  const { rougeLGained, aboveConstant } = runGains(result);
  const gained = sized(rougeLGained);
  const above = sized(aboveConstant);
  const points = byWay(gained.way, {
    more: `gained ${gained.size} points of ROUGE-L`,
    same: "kept its ROUGE-L",
    less: `lost ${gained.size} points of ROUGE-L`,
  });
  const constant = byWay(above.way, {
    more: `is ${above.size} above constant answers`,
    same: "is level with constant answers",
    less: `is ${above.size} below constant answers`,
  });
  return `The student ${gapWords(result).clause}, ${points}, and ${constant}, in ${result.seconds.toFixed(0)} s.`;
}

/** The same as headline numbers, for a page. */
export function runHeadlines(result: RunResult): RunHeadlines {
  const { rougeLGained, aboveConstant } = runGains(result);
  const gained = sized(rougeLGained);
  const above = sized(aboveConstant);
  const unit = "points";
  return {
    gap: gapWords(result).headline,
    gained: {
      name: byWay(gained.way, { more: "ROUGE-L gained", same: "ROUGE-L kept", less: "ROUGE-L lost" }),
      value: gained.size,
      unit,
    },
    constant: {
      name: byWay(above.way, {
        more: "ROUGE-L above constant answers",
        same: "ROUGE-L level with constant answers",
        less: "ROUGE-L below constant answers",
      }),
      value: above.size,
      unit,
    },
  };
}

/**
 * Explains where a teacher has little to teach: it predicts the held-out rows no better than the student's start, or
 * its answers score no higher than the start's or than the best constant answers.
 *
 * @param scores The scores before the run.
 * @returns A sentence for each; none if the teacher is better in all.
 */
export function teacherWarnings(
  { teacher, start, constant }: Pick<RunResult, "teacher" | "start" | "constant">,
): string[] {
  const warnings: string[] = [];
  if (!(teacher.validLoss < start.validLoss)) {
    warnings.push(
      `the teacher's validation loss of ${teacher.validLoss.toFixed(3)} is no lower than the start's of ` +
        `${start.validLoss.toFixed(3)}: following it may make the student worse`,
    );
  }
  const compared = [["the start's", start.rougeL], ["that of constant answers,", constant.rougeL]] as const;
  for (const [whose, rougeL] of compared) {
    if (teacher.rougeL === undefined || teacher.rougeL > rougeL) continue;
    const { size, way } = sized(rougeL - teacher.rougeL);
    const below = way === 0 ? "no higher than" : `${size} points below`;
    warnings.push(`the teacher's ROUGE-L of ${teacher.rougeL.toFixed(1)} is ${below} ${whose} ${rougeL.toFixed(1)}`);
  }
  return warnings;
}

/** Counts the answers that reached the maximum length without an end, for each model that has some. */
export function unfinishedNotes(
  { teacher, start, student }: Pick<RunResult, "teacher" | "start" | "student">,
): string[] {
  const models: [string, TeacherScores][] = [["the teacher's", teacher], ["the start's", start], [
    "the student's",
    student,
  ]];
  return models.flatMap(([whose, { unfinished, answered }]) =>
    unfinished ? [`${unfinished} of ${whose} ${answered} answers reached the longest length without an end`] : []
  );
}
