import fc from "fast-check";
import { assert, assertEquals } from "../../support/mod.ts";
import { progress, type ProgressSurface } from "../../../tasks/support/progress.ts";
import {
  formatCount,
  formatPlainLine,
  formatProgressLine,
  formatSeconds,
} from "../../../tasks/support/progress_line.ts";

const state = { step: 42, total: 300, loss: 1.23456, tokensPerSecond: 9512, secondsLeft: 125 };

Deno.test("formatProgressLine() shows bar, steps, loss, time left and speed", () => {
  const line = formatProgressLine("distil", state, 100);
  assertEquals(line, `distil █████▋${"░".repeat(34)}   42/300  loss 1.235  2:05 left  9.5k tokens/s`);
});

Deno.test("formatProgressLine() leaves figures out, the last first, where the line is narrow", () => {
  assertEquals(formatProgressLine("distil", state, 45), `distil ██▍░░░░░░░░░░░░░░   42/300  loss 1.235`);
  assertEquals(formatProgressLine("distil", state, 20), "distil  42/300");
});

Deno.test("formatProgressLine() never exceeds the width", () => {
  const step = fc.integer({ min: 0, max: 1000 });
  fc.assert(fc.property(step, fc.integer({ min: 0, max: 200 }), fc.double({ noNaN: true }), (step, width, loss) => {
    const line = formatProgressLine(
      "distil",
      { step, total: 1000, loss, tokensPerSecond: 3e6, secondsLeft: 1e4 },
      width,
    );
    return line.length <= width;
  }));
});

Deno.test("formatPlainLine() has no bar", () => {
  assertEquals(formatPlainLine("distil", state), "distil   42/300  loss 1.235  2:05 left  9.5k tokens/s");
  assertEquals(formatPlainLine("distil", { step: 1, total: 3 }), "distil  1/3");
});

Deno.test("formatSeconds() and formatCount() choose the unit", () => {
  assertEquals([0, 59.4, 59.6, 3599.6, 3720].map(formatSeconds), ["0 s", "59 s", "1:00", "1:00:00", "1:02:00"]);
  assertEquals([950, 999.6, 9949, 9951, 999_499, 999_500, 3.4e6].map(formatCount), [
    "950",
    "1.0k",
    "9.9k",
    "10k",
    "999k",
    "1.0M",
    "3.4M",
  ]);
});

/** A surface that keeps what is written, and a clock that is set by hand. */
function fake(columns?: number) {
  const written: string[] = [];
  const surface: ProgressSurface = { write: (text) => void written.push(text), columns: () => columns };
  const clock = { time: 0 };
  return { written, surface, clock, now: () => clock.time };
}

Deno.test("progress() redraws one line on a terminal and ends it once", () => {
  const { written, surface, clock, now } = fake(61);
  const shown = progress({ label: "distil", total: 4, surface, now });
  for (let step = 1; step <= 4; step++) {
    clock.time += 1000;
    shown.update({ step, loss: 2, tokens: 500 });
  }
  shown.done();
  assertEquals(written.length, 5);
  assert(written.slice(0, 4).every((text) => text.startsWith("\r\x1b[K") && !text.includes("\n")));
  assert(written[3].includes("4/4  loss 2.000  0 s left"), written[3]);
  assertEquals(written[4], "\n");
});

Deno.test("progress() writes plain lines at intervals where there is no terminal, the last step always", () => {
  const { written, surface, clock, now } = fake();
  const shown = progress({ label: "distil", total: 100, surface, now, plainInterval: 10 });
  for (let step = 1; step <= 100; step++) {
    clock.time += 350;
    shown.update({ step, loss: 2, tokens: 35 });
  }
  shown.done();
  assertEquals(written.map((text) => text.split(/\s+/)[1]), ["1/100", "30/100", "59/100", "88/100", "100/100"]);
  assert(written.every((text) => text.endsWith("\n") && !text.includes("\x1b")));
  assert(written[1].includes("100 tokens/s") && written[1].includes("25 s left"), written[1]);
});

Deno.test("progress() draws at most ten times a second", () => {
  const { written, surface, clock, now } = fake(80);
  const shown = progress({ label: "distil", total: 1000, surface, now });
  for (let step = 1; step <= 1000; step++) {
    clock.time += 1;
    shown.update({ step });
  }
  assertEquals(written.length, 10);
});

Deno.test("progress() lets lines pass above the bar", () => {
  const { written, surface, clock, now } = fake(80);
  const shown = progress({ label: "distil", total: 10, surface, now });
  clock.time += 1000;
  shown.update({ step: 1 });
  shown.log("saved");
  assertEquals(written.slice(1).map((text) => text.replace("\r\x1b[K", "").split(" ")[0]), ["saved\n", "distil"]);
});

Deno.test("progress() counts the speed from where a run continues", () => {
  const { written, surface, clock, now } = fake();
  const shown = progress({ label: "distil", total: 300, start: 200, surface, now });
  clock.time += 10_000;
  shown.update({ step: 250 });
  assert(written[0].includes("10 s left"), written[0]);
});
