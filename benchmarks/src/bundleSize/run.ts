/** What each library adds to an app: prints a table and writes it to results/bundle-size.md. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { version } from "vite"
import { bundle } from "./bundle.ts"
import { own, peers } from "./entries.ts"

const { devDependencies: versions } = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"),
)

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1)

const rows: string[] = []
for (const { name, libraries, source } of [...Object.values(own), ...peers]) {
  const { minified, gzipped, packages } = await bundle(source)
  const title = name ?? libraries.map((library) => `${library} ${versions[library]}`).join(" with ")
  const parts = packages
    .filter(([part]) => part !== "the entry")
    .map(([part, bytes]) => `${part} ${kilobytes(bytes)}`)
  rows.push(`| ${title} | ${kilobytes(gzipped)} | ${kilobytes(minified)} | ${parts.join(", ")} |`)
}

const text = `# What each library adds to an app

Vite ${version}, minified, target es2022, React left out; kB of 1,000 bytes. The last column tells where it comes from, in kB before it is minified.

To repeat: \`pnpm bench:bundle-size\`.

| the hook, the provider and the client | gzipped, kB | minified, kB | of which, before minifying, kB |
| --- | ---: | ---: | --- |
${rows.join("\n")}
`
writeFileSync(join(import.meta.dirname, "../../results/bundle-size.md"), text)
console.log(text)
