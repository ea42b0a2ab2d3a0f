export { type Alert, type AlertInput, type AlertSeverity, alertSeverities, type AlertStatus, createAlert, fingerprintOf, isAtLeast } from "./alert.ts";
export { accepts, type AlertChannel, type Delivery } from "./channel.ts";
export { consoleChannel, type ConsoleChannelOptions } from "./channels/console.ts";
