/** Writes the API reference into docs/reference: a page for each entry point of the published packages. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Application, Converter } from "typedoc"

const packages = join(import.meta.dirname, "../packages")

/** What node and react are built on, and no app imports. */
const isInternal = (name: string) => name === "@ellipsis-oauth/core/promise"

/** The source file of each entry point, and the name that a program imports it by. */
const entryPoints = ["node", "react", "mock-server", "core"].flatMap((folder) => {
  const { name, exports } = JSON.parse(readFileSync(join(packages, folder, "package.json"), "utf8"))
  return Object.entries<{ "@ellipsis-oauth/source"?: string }>(exports).flatMap(([entry, conditions]) => {
    const source = conditions["@ellipsis-oauth/source"]
    const entryPoint = { source: join(folder, source ?? ""), name: join(name, entry) }
    return source === undefined || isInternal(entryPoint.name) ? [] : [entryPoint]
  })
})

const application = await Application.bootstrapWithPlugins({
  plugin: ["typedoc-plugin-markdown"],
  entryPoints: entryPoints.map(({ source }) => join(packages, source)),
  tsconfig: join(import.meta.dirname, "tsconfig.reference.json"),
  out: join(import.meta.dirname, "reference"),
  name: "Reference",
  readme: "none",
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true,
  logLevel: "Warn",
})
// Options of the plugin, which the types of TypeDoc do not know.
const markdown = {
  router: "module",
  entryFileName: "index",
  excludeScopesInPaths: true,
  hideBreadcrumbs: true,
  hidePageHeader: true,
  parametersFormat: "table",
  typeDeclarationFormat: "table",
  interfacePropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  classPropertiesFormat: "table",
  sanitizeComments: true,
}
for (const [option, value] of Object.entries(markdown))
  application.options.setValue(option as "name", value as string)

application.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const module of project.children ?? []) {
    const entry = entryPoints.find(({ source }) => source.replace(/(\/index)?\.ts$/, "") === module.name)
    if (entry !== undefined) module.name = entry.name
  }
})

const project = await application.convert()
if (project === undefined) throw new Error("TypeDoc could not read the packages.")
application.validate(project)
await application.generateOutputs(project)
if (application.logger.hasErrors() || application.logger.hasWarnings()) process.exitCode = 1
