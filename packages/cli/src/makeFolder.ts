/** A folder and those above it, which Node.js's own way never ends for where the system says that they cannot be (/proc). */
import { mkdirSync, statSync } from "node:fs"
import { dirname } from "node:path"

/** What is there already keeps its mode: it may be a volume that belongs to others. @throws the system's error */
export const makeFolder = (folder: string, mode?: number): void => {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return
  const above = dirname(folder)
  if (above !== folder) makeFolder(above, mode)
  try {
    mkdirSync(folder, { mode })
  } catch (error) {
    // Another process was faster.
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error
  }
}
