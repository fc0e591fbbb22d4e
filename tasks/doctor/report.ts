/**
 * The result as a Markdown file: what failed first, then every line, what is claimed of CUDA, and the details.
 *
 * @module
 */
import type { CaseResult } from "./check.ts";
import { claims } from "./claims.ts";
import { kernelPlaces } from "./kernel_places.ts";
import { countsOf, type Line, type Result } from "./lines.ts";

/** The Markdown file. */
export function markdownOf(result: Result): string {
  const { engine, device, date, seconds, budget, lines } = result;
  const counts = countsOf(result);
  const failed = lines.filter(({ status }) => status === "not ok");
  const parts = [
    `# Doctor: ${engine} on ${device}`,
    `${counts.ok} ok, ${counts["not ok"]} not ok, ${counts.skipped} skipped; ${date}, ${Math.round(seconds)} s of ` +
    `${Math.round(budget)} s.`,
    ...(failed.length > 0 ? ["## Not ok", failed.map(remarksOf).join("\n")] : []),
    ...[...Map.groupBy(lines, ({ group }) => group)].flatMap(([group, lines]) => [`## ${group}`, tableOf(lines)]),
    "## Remarks",
    lines.filter(({ status, remarks }) => status !== "not ok" && remarks.length > 0).map(remarksOf).join("\n") ||
    "None.",
    "## Claims about CUDA",
    claimsOf(result),
    "## Where CUDA's kernels ran",
    kernelsOf(result),
    ...detailsOf(lines),
  ];
  return parts.join("\n\n") + "\n";
}

function remarksOf({ name, remarks }: Line): string {
  return remarks.map((remark) => `- **${name}**: ${inCell(remark)}`).join("\n");
}

const inCell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

function tableOf(lines: readonly Line[]): string {
  const rows = lines.flatMap((line) => {
    const { name, about, status, figure, seconds, cases, expanded } = line;
    const head = `| ${name} | ${status} | ${inCell(figure)} | ${inCell(about)} | ${seconds.toFixed(1)} |`;
    return [head, ...(expanded ? cases.map(rowOf) : [])];
  });
  return ["| check | result | figure | what it shows | s |", "| --- | --- | --- | --- | --: |", ...rows].join("\n");
}

/** A case's own row, below its check's. */
function rowOf({ name, status, figure, reason, seconds }: CaseResult): string {
  return `| · ${inCell(name)} | ${status} | ${inCell(figure ?? reason ?? "")} | | ${seconds.toFixed(1)} |`;
}

/** A claim's state: proven where all its checks are ok on a CUDA device. */
export function claimState({ device, lines }: Result, checks: readonly string[]): string {
  if (!device.startsWith("cuda")) return "waits for a GPU";
  const found = checks.map((name) => lines.find((line) => line.name === name)?.status ?? "skipped");
  if (found.includes("not ok")) return `disproved by ${checks.filter((_, i) => found[i] === "not ok").join(", ")}`;
  const untried = checks.filter((_, i) => found[i] === "skipped");
  return untried.length > 0 ? `not tried whole: ${untried.join(", ")}` : "proven";
}

function claimsOf(result: Result): string {
  const rows = claims.map(({ page, says, checks }) => `| ${page} | ${inCell(says)} | ${claimState(result, checks)} |`);
  return ["| page | claim | state |", "| --- | --- | --- |", ...rows].join("\n");
}

function kernelsOf(result: Result): string {
  const rows = kernelPlaces(result).map((place) =>
    `| ${place.kernel} | ${place.made} | ${inCell(place.processor)} | ${inCell(place.device)} |`
  );
  const head = "| kernel | made of | executed without a GPU | executed on this device |";
  return [head, "| --- | --- | --- | --- |", ...rows].join("\n");
}

function detailsOf(lines: readonly Line[]): string[] {
  return lines.flatMap(({ name, cases }) =>
    cases.flatMap(({ name: of, detail }) =>
      detail ? [`## Details: ${name}, ${of}`, "```text\n" + detail + "\n```"] : []
    )
  );
}
