export { generateWeek, type GeneratedWeek, type GenerateWeekOptions, writeWeek } from "./testing/generate-week.ts";
export type { WeekTruth } from "./testing/truth.ts";
