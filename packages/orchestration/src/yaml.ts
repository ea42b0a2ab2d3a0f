export { groupToYaml, parseGroupYaml } from "./groups/group-yaml.ts";
export { workflowFromYaml, workflowToYaml } from "./document/workflow-yaml.ts";
export { placeText, readYaml, type YamlMistake, type YamlPlace, type YamlText } from "./yaml-text.ts";
