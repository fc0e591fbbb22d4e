/**
 * Character predicates of strings: `str.isdigit` and so on.
 *
 * @module
 */
import { isLower, isTitled, isUpper } from "./text_case.ts";
import { SPACE } from "./white_space.ts";

/** Digits other than decimal ones: superscript, subscript, circled. */
const DIGIT = "\\p{Nd}\\xb2\\xb3\\xb9\\u1369-\\u1371\\u19da\\u2070\\u2074-\\u2079\\u2080-\\u2089\\u2460-\\u2468" +
  "\\u2474-\\u247c\\u2488-\\u2490\\u24ea\\u24f5-\\u24fd\\u24ff\\u2776-\\u277e\\u2780-\\u2788\\u278a-\\u2792" +
  "\\u{10a40}-\\u{10a43}\\u{10e60}-\\u{10e68}\\u{11052}-\\u{1105a}\\u{1f100}-\\u{1f10a}";

/** Ideographs that are numbers. */
const IDEOGRAPHIC =
  "㐅㒃㠪㭍一七万三九二五亖亿什仟仨伍佰億兆兩八六十千卄卅卌叁参參叄四壱壹幺廾廿弌弍弎弐拾捌柒漆玖百肆萬貮貳贰阡陆陌陸零𠀁𠁤𠃢𠄡𠤪𠦃𠦌𠦜𠫪𠫽𠬙𢎐𢦘𣬛𦉭" +
  "\\u{f96b}\\u{f973}\\u{f978}\\u{f9b2}\\u{f9d1}\\u{f9d3}\\u{f9fd}\\u{2f890}";

const NUMERIC = `\\p{N}${IDEOGRAPHIC}`;

const every = (characters: string): (text: string) => boolean => {
  const pattern = new RegExp(`^[${characters}]+$`, "u");
  return (text) => pattern.test(text);
};

/** Python's predicates by name. */
export const KINDS: Readonly<Record<string, (text: string) => boolean>> = {
  isalnum: every(`\\p{L}${NUMERIC}`),
  isalpha: every("\\p{L}"),
  isascii: (text) => !/\P{ASCII}/u.test(text),
  isdecimal: every("\\p{Nd}"),
  isdigit: every(DIGIT),
  isidentifier: (text) => /^[\p{XIDS}_][\p{XIDC}]*$/u.test(text),
  islower: isLower,
  isnumeric: every(NUMERIC),
  isprintable: (text) => !/[\p{C}\p{Z}]/u.test(text.replaceAll(" ", "")),
  isspace: every(SPACE),
  istitle: isTitled,
  isupper: isUpper,
};
