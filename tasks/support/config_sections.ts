/**
 * The sections of configuration files, named as the options of `trainRun()`: models, data, training, recording, and the
 * engine. Flags have none: a setting has the same name in a section, by itself in a file, and on the command line.
 *
 * @module
 */
import type { Field } from "./field.ts";

/** The section of each heading of the help; settings under other headings stand by themselves. */
const sections: Readonly<Record<string, string>> = {
  "Models": "models",
  "Model": "models",
  "Low-rank adapters": "models",
  "Kept teacher states": "models",
  "Data": "data",
  "Prompts and lengths": "data",
  "Plain text beside the rows": "data",
  "Objective": "training",
  "What changes over the run": "training",
  "Who writes the responses": "training",
  "Optimizer and length": "training",
  "Run and checkpoints": "recording",
  "Watching": "recording",
  "Engine and devices": "engine",
};

/** All sections, in their order. */
const names = [...new Set(Object.values(sections))];

/** A setting as a file has it: its name, the section that it stands in, and its value. */
export interface SectionEntry {
  key: string;
  section?: string;
  value: unknown;
}

/** The section of a setting. */
export const sectionOf = ({ group }: Pick<Field, "group">): string | undefined =>
  group === undefined ? undefined : sections[group];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The settings of a file's object, those in sections and those by themselves. */
export function sectionEntries(own: Readonly<Record<string, unknown>>): SectionEntry[] {
  return Object.entries(own).flatMap(([key, value]): SectionEntry[] =>
    names.includes(key) && isObject(value)
      ? Object.entries(value).map(([inner, value]) => ({ key: inner, section: key, value }))
      : [{ key, value }]
  );
}

/**
 * Puts settings into their sections.
 *
 * @param config The settings, by name.
 * @param fields The fields that there are; the sections, and the settings in them, have their order.
 */
export function inSections(
  config: Readonly<Record<string, unknown>>,
  fields: readonly Field[],
): Record<string, unknown> {
  const placed = new Map(fields.map((field) => [field.key, sectionOf(field)]));
  const own = Object.entries(config).filter(([key]) => placed.get(key) === undefined);
  const grouped = names.flatMap((section): [string, unknown][] => {
    const inside = Object.entries(config).filter(([key]) => placed.get(key) === section);
    return inside.length === 0 ? [] : [[section, Object.fromEntries(inside)]];
  });
  return Object.fromEntries([...own, ...grouped]);
}
