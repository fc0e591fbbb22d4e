import { ChromiumUnavailableError, findChromium } from "../../lib/figures/chromium.ts";
import { assertEquals, assertThrows } from "../support/mod.ts";

const environmentOf = (variables: Record<string, string>) => ({ environment: (name: string) => variables[name] });

Deno.test("findChromium() takes the program that CHROMIUM names before those on the PATH", async () => {
  const folder = await Deno.makeTempDir();
  for (const name of ["google-chrome", "chromium", "mine"]) await Deno.writeTextFile(`${folder}/${name}`, "");
  const path = { PATH: `/nowhere::${folder}/mine:${folder}` };
  assertEquals(findChromium(environmentOf({ ...path, CHROMIUM: `${folder}/mine` })), `${folder}/mine`);
  assertEquals(findChromium(environmentOf(path)), `${folder}/chromium`);
  assertEquals(findChromium(environmentOf({ ...path, CHROMIUM: "" })), `${folder}/chromium`);
});

Deno.test("findChromium() reports how to get a browser if there is none, or if the one named is not a browser", () => {
  const none = environmentOf({ PATH: "/nowhere" });
  assertThrows(() => findChromium(none), ChromiumUnavailableError, "apt-get install chromium");
  assertThrows(() => findChromium(environmentOf({})), ChromiumUnavailableError, "CHROMIUM");
  const wrong = environmentOf({ CHROMIUM: "/nowhere/chromium" });
  assertThrows(() => findChromium(wrong), ChromiumUnavailableError, "CHROMIUM is /nowhere/chromium");
});
