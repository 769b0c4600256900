// Holds the Kubernetes resources in the files named against the JSON schemas of Kubernetes and of KEDA.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { loadAll } = createRequire(import.meta.url)("js-yaml");
let checked = 0;
let wrong = 0;

for (const file of process.argv.slice(2)) {
  for (const resource of loadAll(readFileSync(file, "utf8"))) {
    const { apiVersion, kind } = resource;
    const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
    const models = group.endsWith(".sh")
      ? `@kubernetes-models/keda/${apiVersion}`
      : `kubernetes-models/${group ? `${group}/${version}` : version}`;
    try {
      const Model = (await import(models))[kind];
      new Model(resource).validate();
      checked++;
    } catch (e) {
      wrong++;
      console.error(`${file}: ${kind} ${resource.metadata?.name}: ${e.message}`);
    }
  }
}
console.log(`${checked} Kubernetes resources fit their schemas, ${wrong} do not`);
process.exitCode = wrong || !checked ? 1 : 0;
