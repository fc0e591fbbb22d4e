/**
 * The engine `cpu`: tensorflow.js in plain JavaScript, the slow reference that other engines are tested against.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { version_cpu } from "@tensorflow/tfjs-backend-cpu";
import { type Engine, type EngineInfo, type EngineOptions, PLAIN_ABILITIES, requireFloat32OnCpu } from "./engine.ts";

/** The reference engine. */
export const cpu: Engine = {
  name: "cpu",
  async start(options: EngineOptions): Promise<EngineInfo> {
    requireFloat32OnCpu("cpu", options);
    // The backend would print an advertisement on its first use.
    Object.assign(tf.findBackend("cpu"), { firstUse: false });
    await tf.setBackend("cpu");
    return { name: "cpu", version: version_cpu, device: "cpu", precision: "float32", abilities: PLAIN_ABILITIES };
  },
};
