export { type CronSchedule, nextInstant, nextInstants } from "./cron.ts";
