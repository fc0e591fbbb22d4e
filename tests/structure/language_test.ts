/** Comments, messages and guides have none of the phrases that a language pass has removed. */
import { fileURLToPath } from "node:url";
import { assertEquals } from "../support/mod.ts";
import { pages } from "../docs/guides.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Each with what to write instead. */
const phrases: readonly (readonly [found: RegExp, instead: string])[] = [
  [/\bso many\b/, "a number, or per row"],
  [/\bat hand\b/, "available, current"],
  [/\bof no account\b/, "irrelevant"],
  [/\bwhat it came to\b/, "the result"],
  [/\banew\b/, "again"],
  [/\bas often as\b/, "whenever, every"],
  [/\bgo(?:es)? on with\b/, "continues, resumes"],
  [/\b(?:is|are|was|were) told\b/, "receives, knows"],
  [/\bhears?\b/, "receives"],
  [/\bbegin(?:s|ning)? anew\b/, "starts over"],
  [/\bgot none\b/, "current count is 0"],
  [/\bcurrent value is none\b/, "current count is 0"],
  [/\bnumber from [01], current\b/, "positive, non-negative"],
];

/** The modules of the library and of the tasks, and the guides. */
function* texts(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(root + folder)) {
    if (isDirectory) yield* texts(`${folder}/${name}`);
    else if (name.endsWith(".ts")) yield `${folder}/${name}`;
  }
}

Deno.test("comments, messages and guides have none of the phrases that read oddly", () => {
  const found: string[] = [];
  for (const path of [...texts("lib"), ...texts("tasks"), ...pages]) {
    Deno.readTextFileSync(root + path).split("\n").forEach((line, index) => {
      for (const [phrase, instead] of phrases) {
        if (phrase.test(line)) found.push(`${path}:${index + 1}: "${phrase.exec(line)![0]}"; write: ${instead}`);
      }
    });
  }
  assertEquals(found, []);
});
