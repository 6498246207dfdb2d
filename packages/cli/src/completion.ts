/** `completion`: prints a shell script that completes the commands and flags. */
import { argumentsOf, type CommandName, commandNames, type Flag, flags } from "./flags.js"
import { summaries } from "./help.js"
import { print, type Task } from "./Task.js"

export const completion = ({ line }: Task): void => {
  const shells = { bash, zsh, fish }
  print(shells[line.argument as keyof typeof shells]())
}

const flagsOf = (command: CommandName): ReadonlyArray<readonly [name: string, flag: Flag]> =>
  Object.entries<Flag>(flags).filter(([, { commands }]) => commands.includes(command))

const wordsOf = (command: CommandName): string =>
  [...(argumentsOf[command] ?? []), ...flagsOf(command).map(([name]) => `--${name}`), "--help"].join(" ")

const fileFlags = Object.entries<Flag>(flags).flatMap(([name, { value }]) =>
  value === "file" ? [`--${name}`] : [],
)

const bash = (): string => `\
_ellipsis_oauth() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  case $before in
    ${fileFlags.join("|")}) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commandNames.join(" ")} help --help --version" -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
${commandNames.map((name) => `    ${name}) COMPREPLY=($(compgen -W "${wordsOf(name)}" -- "$word")) ;;`).join("\n")}
  esac
}
complete -F _ellipsis_oauth ellipsis-oauth`

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const zshFlag = ([name, { value, help }]: readonly [string, Flag]): string => {
  const text = help.replaceAll(/[[\]:\\]/g, "\\$&")
  const takes = value === undefined ? "" : `:${value}:${value === "file" ? "_files" : ""}`
  return quoted(`--${name}[${text}]${takes}`)
}

const zsh = (): string => `\
#compdef ellipsis-oauth
_ellipsis_oauth() {
  if (( CURRENT == 2 )); then
    local -a commands=(
${commandNames.map((name) => `      ${quoted(`${name}:${summaries[name]}`)}`).join("\n")}
    )
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commandNames.map((name) => `    ${name}) _arguments ${zshArguments(name)} ;;`).join("\n")}
  esac
}
compdef _ellipsis_oauth ellipsis-oauth`

const zshArguments = (command: CommandName): string => {
  const choices = argumentsOf[command]
  return [
    ...flagsOf(command).map(zshFlag),
    ...(choices === undefined ? [] : [quoted(`1:shell:(${choices.join(" ")})`)]),
  ].join(" ")
}

const fish = (): string => {
  const all = `complete -c ellipsis-oauth`
  const commands = commandNames.map(
    (name) => `${all} -f -n __fish_use_subcommand -a ${name} -d ${quoted(summaries[name])}`,
  )
  const given = commandNames.flatMap((command) => {
    const when = `-n ${quoted(`__fish_seen_subcommand_from ${command}`)}`
    const choices = argumentsOf[command]
    return [
      ...(choices === undefined ? [] : [`${all} -f ${when} -a ${quoted(choices.join(" "))}`]),
      ...flagsOf(command).map(([name, { value, help }]) => {
        const takes = value === undefined ? "" : value === "file" ? " -r -F" : " -x"
        return `${all} ${when} -l ${name}${takes} -d ${quoted(help)}`
      }),
    ]
  })
  return [...commands, ...given].join("\n")
}
