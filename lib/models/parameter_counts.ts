/**
 * Counts over a model's parameters, by what they are for.
 *
 * @module
 */
import type { ModelConfig, ModelFamily, ParameterRole, ParameterSpec } from "./family.ts";

/** A model of which only the shape is known. */
export interface ShapedModel {
  /** The architecture. */
  family: ModelFamily;
  /** Its configuration. */
  config: ModelConfig;
}

/** The numbers in a parameter. */
export const sizeOf = ({ shape }: ParameterSpec): number => shape.reduce((product, extent) => product * extent, 1);

/** The parameters with one of these roles; all if no role is given. */
export function parametersOf({ family, config }: ShapedModel, ...roles: ParameterRole[]): ParameterSpec[] {
  return [...family.parameters(config).values()].filter(({ role }) => roles.length === 0 || roles.includes(role));
}

/** Numbers in the parameters with one of these roles; in all if no role is given. */
export function numbersIn(model: ShapedModel, ...roles: ParameterRole[]): number {
  return parametersOf(model, ...roles).reduce((sum, spec) => sum + sizeOf(spec), 0);
}

/** Widths in and out of the matrices with one of these roles, added up. */
export function widthsOf(model: ShapedModel, ...roles: ParameterRole[]): number {
  return parametersOf(model, ...roles).reduce((sum, { shape }) => {
    const [from, to] = shape.slice(-2);
    return sum + shape.slice(0, -2).reduce((product, extent) => product * extent, 1) * (from + to);
  }, 0);
}

/** The head's width, which is that of the states it reads: the hidden width, but in OPT's 350M model. */
export function headWidth(model: ShapedModel): number {
  const [{ shape }] = parametersOf(model, model.config.tiedHead ? "tokens" : "head");
  return shape[1];
}
