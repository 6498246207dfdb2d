/** What each React library adds to an app. */
import { version } from "vite"
import { bundle } from "../bundleSize/bundle.ts"
import { own, peers } from "../bundleSize/entries.ts"
import { nameAndVersion } from "../harness/machine.ts"
import { barPlot } from "../harness/plot.ts"
import { spreadOf } from "../harness/statistics.ts"
import { table } from "../harness/table.ts"
import type { Subject } from "./Subject.ts"

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1)

export const bundleSize: Subject = {
  name: "bundle-size",
  title: "What each library adds to an app",
  run: async () => {
    const measured = []
    for (const { libraries, name, source } of [...Object.values(own), ...peers]) {
      const { gzipped, minified, packages } = await bundle(source)
      const parts = packages.filter(([part]) => part !== "the entry")
      measured.push({
        name: name ?? libraries.map(nameAndVersion).join(" with "),
        gzipped,
        minified,
        packages: parts,
      })
    }
    const rows = measured.map(({ gzipped, minified, name, packages }) => [
      name,
      kilobytes(gzipped),
      kilobytes(minified),
      packages.map(([part, bytes]) => `${part} ${kilobytes(bytes)}`).join(", "),
    ])
    return {
      text: `Vite ${version}, minified, target es2022, React left out; kB of 1,000 bytes. The last column tells where it comes from, in kB before it is minified.

${table(["the hook, the provider and the client", "gzipped, kB", "minified, kB", "of which, before minifying, kB"], rows)}`,
      data: { vite: version, unit: "bytes", measured },
      plots: {
        gzipped: {
          alt: "Gzipped size, in kB",
          svg: barPlot(
            measured.map(({ gzipped, name }) => ({
              name: name.replaceAll(/\*\*|`/g, "").replace(" with ", ", "),
              ...spreadOf([gzipped / 1000]),
            })),
            "kB gzipped",
          ),
        },
      },
    }
  },
}
