/**
 * Writes the API reference of everything that the package exports, as HTML.
 *
 *     deno task docs
 */
import { entries } from "./support/entries.ts";

await Deno.mkdir("docs", { recursive: true });
const args = ["doc", "--html", "--name=Amid", "--output=docs/api", ...Object.values(entries)];
const { code } = await new Deno.Command(Deno.execPath(), { args }).spawn().status;
Deno.exit(code);
