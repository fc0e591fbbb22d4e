/** Real pretrained models, which `deno task fetch` puts into the cache and tests take from there. */
import { HubError } from "../../lib/hub/hub_error.ts";
import { packagedModelFile } from "../../lib/hub/packaged_models.ts";
import { testUnless } from "./mod.ts";

/** The file of a packaged model, or why a test that needs it skips. */
export async function realModel(name: string): Promise<{ path?: string; reason?: string }> {
  try {
    return { path: await packagedModelFile(name) };
  } catch (error) {
    if (error instanceof HubError) return { reason: `${name} is absent, deno task fetch ${name} brings it` };
    throw error;
  }
}

/** Declares a test that reads a packaged model's file, and skips, saying so, where it was not fetched. */
export async function testWithModel(
  name: "smollm2-135m-instruct" | "gemma-3-270m",
  title: string,
  body: (path: string, t: Deno.TestContext) => void | Promise<void>,
): Promise<void> {
  const { path, reason } = await realModel(name);
  testUnless(reason, title, (t) => body(path!, t));
}
