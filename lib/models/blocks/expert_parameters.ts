/**
 * The parameters of a block's experts and of its router, by their names in the file.
 *
 * Shapes: `H` hidden width, `E` experts, `I` the width of an expert's inner layer.
 *
 * @module
 */
import type { ParameterAxis, ParameterSpec, Start } from "../family.ts";
import { areStacked, type ExpertsConfig, type SingleExperts } from "./experts_config.ts";

/** The block that the experts are in. */
export interface ExpertBlock {
  /** Its name. */
  block: string;
  /** Its index, from 0. */
  layer: number;
  hiddenSize: number;
  /** The initialization of weights. */
  start: Start;
}

/** The names of an expert's inner layer; `name` is the prefix of the layer's experts. */
export function expertNames(name: string, expert: number, { gate, up, down }: SingleExperts): InnerNames {
  const of = (part: string) => `${name}.${expert}.${part}`;
  return { gate: of(gate), up: of(up), down: of(down) };
}

/** Lists the parameters, in the order in which they are saved. */
export function expertParameters(experts: ExpertsConfig, place: ExpertBlock): Map<string, ParameterSpec> {
  const { router, form, count } = experts;
  const { block, layer, hiddenSize, start } = place;
  const specs = new Map<string, ParameterSpec>([[`${block}.${router}.weight`, {
    shape: [count, hiddenSize],
    axes: ["experts", "hidden"],
    layer,
    role: "projection",
    start,
    projection: "output-first",
  }]]);
  if (areStacked(form)) {
    specs.set(`${block}.${router}.bias`, { shape: [count], axes: ["experts"], layer, role: "bias", start: "zeros" });
    return new Map([...specs, ...stacked(experts, place)]);
  }
  return new Map([...specs, ...single(experts, form, place)]);
}

/** Experts with separate projections. */
function single(
  { count, innerSize, innerAxis, name }: ExpertsConfig,
  form: SingleExperts,
  { block, layer, hiddenSize, start }: ExpertBlock,
): [string, ParameterSpec][] {
  const common = { layer, role: "expert", start, projection: "output-first" } as const;
  const inward = { ...common, shape: [innerSize, hiddenSize], axes: [innerAxis, "hidden"] as const };
  const outward = { ...common, shape: [hiddenSize, innerSize], axes: ["hidden", innerAxis] as const };
  return Array.from({ length: count }, (_, expert) => expert).flatMap((expert): [string, ParameterSpec][] => {
    const { gate, up, down } = expertNames(`${block}.${name}`, expert, form);
    return [
      [`${gate}.weight`, { ...inward, expert }],
      [`${up}.weight`, { ...inward, expert }],
      [`${down}.weight`, { ...outward, expert }],
    ];
  });
}

/** Experts of a layer in one tensor, with biases; gate and up are interleaved. */
function stacked(
  { count, innerSize, innerAxis, name }: ExpertsConfig,
  { block, layer, hiddenSize, start }: ExpertBlock,
): [string, ParameterSpec][] {
  const projection = (
    part: string,
    shape: [number, number],
    axes: [ParameterAxis, ParameterAxis],
  ): [string, ParameterSpec][] => [
    [`${block}.${name}.${part}`, {
      shape: [count, ...shape],
      axes: ["experts", ...axes],
      layer,
      role: "expert",
      start,
    }],
    [`${block}.${name}.${part}_bias`, {
      shape: [count, shape[1]],
      axes: ["experts", axes[1]],
      layer,
      role: "bias",
      start: "zeros",
    }],
  ];
  return [
    ...projection("gate_up_proj", [hiddenSize, 2 * innerSize], ["hidden", innerAxis]),
    ...projection("down_proj", [innerSize, hiddenSize], [innerAxis, "hidden"]),
  ];
}

/** The projections of a gated inner layer. */
export type InnerNames = Record<"gate" | "up" | "down", string>;
