export { groupToYaml, parseGroupYaml } from "./groups/group-yaml.ts";
export { workflowFromYaml, workflowToYaml } from "./document/workflow-yaml.ts";
