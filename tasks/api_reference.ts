/**
 * Writes the API reference of everything that the package exports, as HTML.
 *
 *     deno task docs
 */
import { denoProblem } from "./support/deno_version.ts";
import { entries } from "./support/entries.ts";

const problem = denoProblem(Deno.version.deno);
if (problem) {
  console.error(`error: ${problem}`);
  Deno.exit(1);
}

const args = ["doc", "--html", "--name=Amid", "--output=docs/api", ...Object.values(entries)];
const { code } = await new Deno.Command(Deno.execPath(), { args }).spawn().status;
Deno.exit(code);
