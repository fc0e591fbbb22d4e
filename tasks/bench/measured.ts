/**
 * What a benchmark prints: a JSON line, or a table for a terminal.
 *
 * @module
 */
import { type Cell, formatTable } from "../support/table.ts";

/** What a benchmark measured. */
export interface Measured {
  /** The line. */
  line: Record<string, unknown>;
  /** Whether it is printed as JSON. */
  json: boolean;
}

/** The text to print. */
export function textOf({ line, json }: Measured): string {
  return json ? JSON.stringify(line) : formatTable([["figure", "value"], ...cellsOf(line)]);
}

/** A row for each figure; those within another one have its name before theirs. */
function cellsOf(line: Record<string, unknown>, before = ""): Cell[][] {
  return Object.entries(line).flatMap(([name, value]) => {
    const label = before + name;
    if (value === null || typeof value !== "object") return [[label, shown(value)]];
    return Array.isArray(value)
      ? [[label, value.map(shown).join(" ")]]
      : cellsOf(value as Record<string, unknown>, `${label}.`);
  });
}

function shown(value: unknown): string {
  if (typeof value !== "number" || Number.isInteger(value)) return String(value);
  return Math.abs(value) < 1000 ? String(Number(value.toPrecision(4))) : value.toFixed(0);
}
