/** Something that is measured, of this project and its peers, in one run. */

export interface SubjectOptions {
  /** A minute for all subjects together: it shows that each works, and gives rough figures. */
  readonly quick: boolean
}

export interface Plot {
  readonly alt: string
  readonly svg: string
}

export interface SubjectResult {
  /** Markdown below the title. */
  readonly text: string
  readonly data: object
  /** By the end of the file's name. */
  readonly plots?: Readonly<Record<string, Plot>>
}

export interface Subject {
  /** On the command line, and of its files in results. */
  readonly name: string
  readonly title: string
  /** Takes minutes: left out where no subject is named. */
  readonly onlyByName?: boolean
  readonly run: (options: SubjectOptions) => Promise<SubjectResult>
}
