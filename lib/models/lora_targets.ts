/**
 * Which projections of a model have an adapter.
 *
 * @module
 */
import type { LanguageModel } from "./language_model.ts";

/** A projection that an adapter can stand beside. */
export interface Adaptable {
  inputs: number;
  outputs: number;
  /** Whether its weight is laid out `[inputs, outputs]`. */
  inputFirst: boolean;
}

/** Every projection at once. */
const ALL = "all-linear";

/** What is adapted where nothing is said; those that the model has. */
const USUAL = ["q_proj", "v_proj", "c_attn"];

/** Lists a model's projections by name, without `.weight`. */
export function adaptable(model: LanguageModel): Map<string, Adaptable> {
  const found = new Map<string, Adaptable>();
  for (const [name, { shape, projection }] of model.family.parameters(model.config)) {
    if (!projection) continue;
    const inputFirst = projection === "input-first";
    const [inputs, outputs] = inputFirst ? shape : [shape[1], shape[0]];
    found.set(name.replace(/\.weight$/, ""), { inputs, outputs, inputFirst });
  }
  return found;
}

/** Whether a target means a projection: it is its name, or the end of it. */
export const isMeant = (name: string, target: string): boolean => name === target || name.endsWith(`.${target}`);

/**
 * Finds the projections that targets mean.
 *
 * @param projections The model's projections.
 * @param targets Ends of names, whole parts between dots; or `all-linear`.
 * @returns The projections' names, in the model's order, and the targets in force.
 * @throws {RangeError} If there is no target, or one is the end of no projection's name; the message lists the ends.
 */
export function matchTargets(
  projections: ReadonlyMap<string, Adaptable>,
  targets?: readonly string[],
): { names: string[]; targets: string[] } {
  const names = [...projections.keys()];
  const ends = [...new Set(names.map((name) => name.slice(name.lastIndexOf(".") + 1)))];
  const asked = targets ?? USUAL.filter((target) => ends.includes(target));
  const wanted = asked.length === 1 && asked[0] === ALL ? ends : [...asked];
  const unknown = wanted.find((target) => !names.some((name) => isMeant(name, target)));
  if (unknown !== undefined || wanted.length === 0) {
    throw new RangeError(
      `Cannot adapt the model: targets must be ${ALL} or some of ${ends.join(", ")}, current value is ` +
        (unknown === undefined ? "none" : JSON.stringify(unknown)),
    );
  }
  return { names: names.filter((name) => wanted.some((target) => isMeant(name, target))), targets: wanted };
}
