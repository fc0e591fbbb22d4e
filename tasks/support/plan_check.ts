import type { PlanSettings } from "./plan_settings.ts";
export async function* checkPlan(_settings: PlanSettings): AsyncGenerator<string> {}
