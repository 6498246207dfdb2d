import { part, report } from "./parts.ts"

const script = (name: string) => part(name, process.execPath, ["--run", name])

// These read dist, and would build it several times at once.
const afterBuild = script("build").then(
  async (built) =>
    built &&
    (await Promise.all([script("check:package"), script("check:size"), script("check:docs")])).every(Boolean),
)

report(
  await Promise.all([
    afterBuild,
    script("check:types"),
    script("check:format"),
    script("check:unused"),
    script("check:prose"),
    script("check:workflows"),
  ]),
)
