import { join } from "node:path";
import { argsOf, commitOf } from "../../../../tasks/support/reproduce/place.ts";
import { readRecipe } from "../../../../tasks/support/reproduce/recipe.ts";
import { assertEquals, testUnless } from "../../../support/mod.ts";

async function git(folder: string, ...args: string[]): Promise<string> {
  const env = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  const named = ["-c", "user.name=a", "-c", "user.email=a@b.invalid", ...args];
  const { success, stdout, stderr } = await new Deno.Command("git", { args: named, cwd: folder, env }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

const lacking = await git(".", "--version").then(() => undefined, () => "git is absent");

testUnless(
  lacking,
  "commitOf() says what git rev-parse does: on a branch, packed, detached, in a worktree",
  async () => {
    const folder = await Deno.makeTempDir();
    assertEquals(await commitOf(folder), "unknown");
    await git(folder, "init", "--quiet", "--initial-branch=main");
    assertEquals(await commitOf(folder), "unknown");
    for (const message of ["one", "two"]) await git(folder, "commit", "--quiet", "--allow-empty", "-m", message);
    const head = async (at: string) => (await git(at, "rev-parse", "HEAD")).slice(0, 12);
    assertEquals(await commitOf(folder), await head(folder));
    await git(folder, "pack-refs", "--all");
    assertEquals(await commitOf(folder), await head(folder));
    const tree = join(folder, "tree");
    await git(folder, "worktree", "add", "--quiet", "-b", "other", tree, "HEAD~1");
    assertEquals(await commitOf(tree), await head(tree));
    await git(folder, "checkout", "--quiet", "--detach", "HEAD~1");
    assertEquals(await commitOf(folder), await head(folder));
  },
);

Deno.test("argsOf() lets a run's own flags take precedence over those of the size", async () => {
  const recipe = await readRecipe("tasks/configs/smollm2.json", "ci");
  const args = argsOf({ recipe }, { file: "a.json", groups: ["distill"], flags: ["--steps=7", "--seed=2"] });
  assertEquals(args[0], "--config=tasks/configs/smollm2/a.json");
  assertEquals(args.filter((arg) => arg.startsWith("--steps=")), ["--steps=7"]);
  assertEquals(args.filter((arg) => /^--(engine|batch-size|seed)=/.test(arg)), [
    "--engine=wasm",
    "--batch-size=4",
    "--seed=2",
  ]);
});
