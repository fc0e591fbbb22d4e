import { downloadBars } from "../../../tasks/support/download_bars.ts";
import { assertEquals } from "../../support/mod.ts";

Deno.test("downloadBars() draws a bar a file, from where an earlier attempt ended", () => {
  const drawn: string[] = [];
  const surface = { write: (text: string) => void drawn.push(text), columns: () => undefined };
  let time = 0;
  const bars = downloadBars({ surface, now: () => time += 20_000 });
  bars.update({ path: "a.bin", received: 1024, size: 4096 });
  bars.update({ path: "a.bin", received: 4096, size: 4096 });
  bars.update({ path: "b.json", received: 10, size: 10 });
  bars.log("stopping");
  bars.done();
  const steps = drawn.map((line) => line.replace(/ {2}\d+ s left/, "").trim());
  assertEquals(steps, ["a.bin KiB  1/4", "a.bin KiB  4/4", "b.json KiB  1/1", "stopping"]);
});
