/**
 * The programs that draw figures in pages.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";

/**
 * The text of plotly.js.
 *
 * @param bundle `cartesian` has what this project's figures are made of, lines, bars and maps over two axes, in a
 * seventh of the size; `whole` draws any specification.
 */
export function readPlotly(bundle: "cartesian" | "whole"): Promise<string> {
  const entry = bundle === "whole"
    ? import.meta.resolve("plotly.js-dist")
    : import.meta.resolve("plotly.js-cartesian-dist-min");
  return Deno.readTextFile(fileURLToPath(entry));
}

/**
 * Packs a program so that it can be embedded in a page.
 *
 * @param source JavaScript.
 * @returns It, compressed, in base64: a third to a half of its size, and nothing in it that ends an element.
 */
export function packProgram(source: string): string {
  return gzipSync(source, { level: 9 }).toString("base64");
}

/**
 * JavaScript that runs the program packed in the element `library`, and then calls `draw`. Where it cannot, as in
 * browsers before 2023, every figure's place shows a message.
 */
export const unpackScript = `
(async () => {
  try {
    const packed = document.getElementById("library").textContent.trim();
    const bytes = Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const script = document.createElement("script");
    script.textContent = await new Response(stream).text();
    document.head.append(script);
    draw();
  } catch (error) {
    const text = "This browser cannot draw the figure (" + error.message + "); one of 2023 or later can.";
    document.querySelectorAll(".plot").forEach((place) => place.textContent = text);
  }
})();
`;
