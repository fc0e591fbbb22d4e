/**
 * Texts that tell tokenizers apart: words, numbers, white space, code, other scripts, pieces of characters.
 *
 * @module
 */

/** The texts, the most usual one first. */
export const PROBE_TEXTS: readonly string[] = [
  "The heron stood at the edge of the river and waited for the small fish that come with the evening.",
  "In 1984, 3.14159 and 1,000,000 were written as ¹/₃ of 42 %; prices rose by $5.99 (≈ €5.50).",
  "def f(x):\n\treturn [i**2 for i in range(x) if i % 2 == 0]  # squares\n\n\n    pass\r\n",
  "Über naïve Ångström-façades; crème brûlée, Łódź, İstanbul. É or É?",
  "日本語の文章、简体中文、한국어 문장, русский текст, ελληνικά, עברית, العربية, हिन्दी",
  "👩‍👩‍👧 🦩🇫🇷 \u200b\u00a0… “quotes” – dashes — don't we'll I'VE",
];
