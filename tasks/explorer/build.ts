/**
 * Puts the explorer's page together.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { builtInModels } from "../../lib/analysis/built_in_models.ts";
import { type ExplorerPair, toyExplorerPairs } from "../../lib/figures/explorer/explorer_pair.ts";
import { nextTokenPair } from "../../lib/figures/explorer/next_token_pair.ts";
import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import { explorerPage } from "./page.ts";

/** Bundles the program of the page with all that it imports, the library's own functions among it. */
export async function bundleExplorer(): Promise<string> {
  const app = fileURLToPath(new URL("app.ts", import.meta.url));
  const command = new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform=browser", "--minify", app],
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    env: { NO_COLOR: "1" },
  });
  const { code, stdout, stderr } = await command.output();
  if (code === 0) return new TextDecoder().decode(stdout);
  throw new Error(
    `Cannot bundle the explorer: "deno bundle" ended with ${code}; the first time it fetches esbuild from npm, which ` +
      `needs the network. Its output: ${new TextDecoder().decode(stderr).trim()}`,
  );
}

/**
 * Builds the page.
 *
 * @param pairs The pairs that a reader chooses from.
 * @returns The file's text, the same for the same pairs.
 */
export async function buildExplorer(pairs: readonly ExplorerPair[]): Promise<string> {
  return explorerPage({ pairs, program: await bundleExplorer() });
}

/** A question of the built-in corpus's form; the built-in models find several answers likely. */
const QUESTION = "What kind of thing is a heron?";

/**
 * Makes the pairs of the page: those on a line, and what the built-in models expect next.
 *
 * @param root The project's folder.
 * @returns The pairs.
 */
export async function explorerPairs(root: string): Promise<ExplorerPair[]> {
  const prompt = alpacaPrompt({ instruction: QUESTION });
  return [...toyExplorerPairs(), nextTokenPair({ ...await builtInModels(root), prompt, count: 24 })];
}
