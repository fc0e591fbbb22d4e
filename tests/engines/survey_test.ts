import { engines } from "../../lib/engines/engines.ts";
import { surveyEngines } from "../../lib/engines/survey.ts";
import { assert, assertAllClose, assertEquals } from "../support/mod.ts";

Deno.test("surveyEngines() has an entry for every engine, with figures or with what is missing", async () => {
  let time = 0;
  const survey = await surveyEngines({ now: () => time++, duration: 1, size: 64 });
  assertEquals(survey.map(({ name }) => name), [...engines.keys()]);
  for (const engine of survey) {
    if (engine.present) {
      // By that clock a product takes a millisecond, and so do 500 sums.
      assertAllClose([engine.gigaflops, engine.smallOperation], [2 * 64 ** 3 / 1e6, 2]);
      assert(engine.version.length > 0 && engine.device.length > 0);
    } else assert(engine.missing.length > 0);
  }
  assert(survey.some(({ name, present }) => name === "wasm" && present));
});

Deno.test("webgpu keeps Vulkan's drivers from complaining where no folder of sockets is named", async () => {
  const module = new URL("../../lib/engines/webgpu.ts", import.meta.url).href;
  const program =
    `import { webgpu } from "${module}"; await webgpu.unfitForAuto().catch(({ name }) => console.log(name));`;
  const { XDG_RUNTIME_DIR: _, ...env } = Deno.env.toObject();
  const options = { args: ["eval", program], clearEnv: true, env };
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
  const [out, said] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals([code, said], [0, ""]);
  assert(out === "" || out === "EngineUnavailableError\n", out);
});
