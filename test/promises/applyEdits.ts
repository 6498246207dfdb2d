/** Edits of sources that are found whatever the formatter makes of them. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Edit } from "./promises.ts"

/**
 * The edited files of a folder, by their paths.
 *
 * @throws Error for an edit whose text is not there, or there twice
 */
export const applyEdits = (folder: string, edits: readonly Edit[]): ReadonlyMap<string, string> => {
  const files = new Map<string, string>()
  for (const { file, from, to } of edits) {
    const text = files.get(file) ?? readFileSync(join(folder, file), "utf8")
    const [start, end] = find(text, from, file)
    files.set(file, text.slice(0, start) + to + text.slice(end))
  }
  return files
}

const find = (text: string, wanted: string, file: string): readonly [start: number, end: number] => {
  const places = [...text.matchAll(/\S/g)].map(({ index }) => index)
  const solid = text.replaceAll(/\s/g, "")
  const sought = wanted.replaceAll(/\s/g, "")
  const at = solid.indexOf(sought)
  if (at === -1) throw new Error(`${file} has no ${JSON.stringify(wanted)}.`)
  if (solid.includes(sought, at + 1)) throw new Error(`${file} has ${JSON.stringify(wanted)} more than once.`)
  return [places[at] ?? 0, (places[at + sought.length - 1] ?? 0) + 1]
}
