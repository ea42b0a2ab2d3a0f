export { groupToYaml, parseGroupYaml } from "./groups/group-yaml.ts";
