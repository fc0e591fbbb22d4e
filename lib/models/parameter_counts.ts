/**
 * Counts over a model's parameters, by role.
 *
 * @module
 */
import type { ModelConfig, ModelFamily, ParameterRole, ParameterSpec } from "./family.ts";

/** A model's architecture without its weights. */
export interface ShapedModel {
  /** The architecture. */
  family: ModelFamily;
  /** Its configuration. */
  config: ModelConfig;
}

/** The number of values in a parameter. */
export const sizeOf = ({ shape }: ParameterSpec): number => shape.reduce((product, extent) => product * extent, 1);

/** The parameters with one of these roles; all if no role is given. */
export function parametersOf({ family, config }: ShapedModel, ...roles: ParameterRole[]): ParameterSpec[] {
  return [...family.parameters(config).values()].filter(({ role }) => roles.length === 0 || roles.includes(role));
}

/** The number of values in the parameters with one of these roles; in all if no role is given. */
export function numbersIn(model: ShapedModel, ...roles: ParameterRole[]): number {
  return parametersOf(model, ...roles).reduce((sum, spec) => sum + sizeOf(spec), 0);
}

/** The sum of input and output widths of the matrices with one of these roles. */
export function widthsOf(model: ShapedModel, ...roles: ParameterRole[]): number {
  return parametersOf(model, ...roles).reduce((sum, { shape }) => {
    const [from, to] = shape.slice(-2);
    return sum + shape.slice(0, -2).reduce((product, extent) => product * extent, 1) * (from + to);
  }, 0);
}

/** The head's input width: the hidden width, except in OPT's 350M model. */
export function headWidth(model: ShapedModel): number {
  const [{ shape }] = parametersOf(model, model.config.tiedHead ? "tokens" : "head");
  return shape[1];
}
