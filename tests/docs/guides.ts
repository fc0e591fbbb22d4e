/** The README and the guides, taken apart: links, blocks of code, command lines. */

/** The folder of the checkout. */
export const root = new URL("../../", import.meta.url);

/** The pages, by their paths from the checkout. */
export const pages: readonly string[] = [
  "README.md",
  ...[...Deno.readDirSync(new URL("docs/", root))]
    .filter(({ name }) => name.endsWith(".md")).map(({ name }) => `docs/${name}`).sort(),
];

/** The text of a page. */
export const textOf = (page: string): string => Deno.readTextFileSync(new URL(page, root));

/** The blocks of a language in a page. */
export function blocksOf(page: string, language: string): string[] {
  return [...textOf(page).matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language).map(([, , code]) => code);
}

/** The relative targets of a page's links and pictures, without their anchors. */
export function linksOf(page: string): string[] {
  const text = textOf(page).replace(/^```[\s\S]*?^```$/gm, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(([, link, src]) => link ?? src);
  return links.filter((link) => !/^[a-z]+:/.test(link)).map((link) => link.replace(/#.*/, "")).filter((link) => link);
}

/** A `deno task` command of a page. */
export interface TaskCommand {
  /** The task's name. */
  task: string;
  /** What follows it, `NAME` and shell redirections left out. */
  args: string[];
}

/** The words of a command line, without quotes. */
const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain);

/** The `deno task` commands in a page's blocks and in its running text. */
export function commandsOf(page: string): TaskCommand[] {
  const blocks = blocksOf(page, "sh").flatMap((code) => code.replaceAll("\\\n", " ").split("\n"));
  const inline = [...textOf(page).replace(/^```[\s\S]*?^```$/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
  return [...blocks, ...inline].flatMap((line) => {
    const command = /\bdeno(?:@[\d.]+)? task (?:--quiet )?([a-z][a-z:-]*)(.*)/.exec(line.replace(/\s#.*/, ""));
    return command ? [{ task: command[1], args: wordsOf(command[2].replace(/>>.*/, "")) }] : [];
  });
}

/** Flags with their values in a page's running text that stand without a task, word by word. */
export function looseFlagsOf(page: string): string[][] {
  const text = textOf(page).replace(/^```[\s\S]*?^```$/gm, "");
  const codes = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code);
  return codes.filter((code) => code.startsWith("--")).map(wordsOf);
}
