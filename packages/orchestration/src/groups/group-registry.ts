import { type Result, type SpineError } from "@spine/core";
import { createGroupRegistry } from "../engine/environment.ts";
import type { Group } from "./group.ts";

/**
 * Groups by name, for people who wire things themselves (seed 003); a host has one of its own. Give what it lists to `createSpine` or
 * to a {@link GroupRunner}.
 */
export class GroupRegistry {
  readonly #groups = createGroupRegistry();

  /** Fails with `KEY_DUPLICATE`, `KEY_INVALID`. A function is called once, for the group it returns. */
  registerGroup(group: Group | (() => Group)): Result<Group, SpineError> {
    const given = typeof group === "function" ? group() : group;
    return this.#groups.register(given.name, given).map(() => given);
  }

  /** Fails with `GROUP_NOT_FOUND`, which names the nearest one. */
  getGroup(name: string): Result<Group, SpineError> {
    return this.#groups.get(name);
  }

  hasGroup(name: string): boolean {
    return this.#groups.has(name);
  }

  /** By name. @param filter.domain only groups of this domain */
  listGroups(filter: { readonly domain?: string } = {}): readonly Group[] {
    return groupsOf(this.#groups.list(), filter.domain);
  }
}

export function groupsOf(entries: readonly { readonly value: Group }[], domain?: string): readonly Group[] {
  return entries.map(({ value }) => value).filter((group) => domain === undefined || group.domain === domain);
}
