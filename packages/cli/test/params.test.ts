import { describe, expect, it } from "vitest";
import { exampleConfig } from "./configs.ts";
import { createProject, type Project } from "./project.ts";

/** What a run of the example got for the parameters typed. */
async function paramsGiven({ json }: Project, args: string): Promise<unknown> {
  const { document } = await json(`run prices.daily symbol=ACME ${args}`);
  return (document["outputs"] as { readonly echo: { readonly params: unknown } }).echo.params;
}

describe("parameters on the command line", () => {
  it.each([
    ["text stays text, also when it looks like a number", "symbol=007", { symbol: "007" }],
    ["an integer is parsed", "days=7", { days: 7 }],
    ["a number is parsed", "ratio=-0.25", { ratio: -0.25 }],
    ["true and false are parsed", "force=false", { force: false }],
    ["a list is parsed as JSON", 'fields=["a","b"]', { fields: ["a", "b"] }],
    ["an object is parsed as JSON", 'options={"deep":true}', { options: { deep: true } }],
    ["a choice stays text", "mode=fast", { mode: "fast" }],
    [":= is JSON whatever the schema says", 'symbol:="8"', { symbol: "8" }],
    ["--force is short for force=true", "--force", { force: true }],
    ["the last of a name wins", "days=1 days=2", { days: 2 }],
    ["an option and a bare pair are the same", "--param days=3 -p mode=slow", { days: 3, mode: "slow" }],
    ["a value may hold an equals sign", "symbol=A=B", { symbol: "A=B" }],
    ["an empty value is empty text", "symbol=", { symbol: "" }],
  ])("%s", async (_, args, expected) => {
    expect(await paramsGiven(createProject(exampleConfig()), args)).toMatchObject(expected);
  });

  it("a file gives parameters, and those typed win", async () => {
    const project = createProject(exampleConfig());
    project.write("params.json", '{ "days": 9, "mode": "slow" }');
    expect(await paramsGiven(project, "--params-file params.json mode=fast")).toMatchObject({ days: 9, mode: "fast" });
  });

  it.each([
    ["a name nobody takes", "run prices.daily symbl=ACME", /"symbl" is not a parameter\. Did you mean "symbol"\?/],
    [
      "a name no pipeline of a group takes",
      "run prices.group symbol=A dayz=1",
      /"dayz" is not a parameter\. Did you mean "days"\?/,
    ],
    ["a missing one", "run prices.daily", /Missing required parameters: symbol\./],
    [
      "a word where a number belongs",
      "run prices.daily symbol=A days=many",
      /"days" takes an integer, and "many" is not one\./,
    ],
    [
      "a number where a truth value belongs",
      "run prices.daily symbol=A force=1",
      /"force" takes true or false, and "1" is not one\./,
    ],
    ["text where a list belongs", "run prices.load symbol=A fields=a,b", /"fields" takes JSON, and "a,b" is not\./],
    ["bad JSON", "run prices.load symbol:=A", /"symbol" takes JSON, and "A" is not\./],
    ["a value outside the choices", "run prices.load symbol=A mode=medium", /Invalid parameter "mode"/],
    ["no value at all", "run prices.load symbol", /"symbol" is not name=value or name:=json/],
    ["a file that is not JSON", "run prices.load --params-file bad.json", /bad\.json is not JSON/],
    ["a file that is no object", "run prices.load --params-file list.json", /list\.json must hold one JSON object\./],
  ])("%s is refused with the way out", async (_, args, expected) => {
    const project = createProject(exampleConfig());
    project.write("bad.json", "{");
    project.write("list.json", "[]");
    const { exitCode, stderr, stdout } = await project.spine(args);
    expect(stderr).toMatch(/^error PARAMS_INVALID: .*\n→ .+\n$/);
    expect(stderr).toMatch(expected);
    expect(stdout).toBe("");
    expect(exitCode).toBe(2);
  });
});
