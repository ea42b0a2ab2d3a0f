// When something is due
export { type CronSchedule, nextInstant, nextInstants } from "./triggers/cron.ts";
export type { DaylightSaving } from "./daylight-saving.ts";
export type { Duration } from "./duration.ts";

// Schedules
export { defineSchedule, type MissedPolicy, type OverlapPolicy, type ScheduleDefinition, type When } from "./schedule.ts";

// The part
export { scheduler, type SchedulerApi, type SchedulerOptions } from "./scheduler-part.ts";
export type { SchedulerHealth, TickReport } from "./ticker.ts";
