/**
 * The activation functions that kernels know by name.
 *
 * @module
 */

/** The name of an activation function; "gelu-tanh" is the approximation of "gelu". */
export type ActivationFunction = "gelu" | "gelu-tanh" | "relu" | "silu";
