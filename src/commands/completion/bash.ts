import { completionCommand } from './script.ts';

/** Bash gives a function the words between COMP_WORDBREAKS, `:` and `=` among them: the line is read anew. */
const script = `# Completion of PROGRAM for bash: source it, or put it into /usr/share/bash-completion/completions/PROGRAM
_PROGRAM() {
  local line=\${COMP_LINE:0:COMP_POINT} words answers directive current prefix
  read -ra words <<<"$line"
  [[ $line == *[[:blank:]] ]] && words+=('')
  current=\${words[-1]}
  mapfile -t answers < <("\${words[0]/#\\~/$HOME}" __complete "\${words[@]:1}" 2>/dev/null)
  COMPREPLY=()
  [[ \${#answers[@]} -eq 0 ]] && return
  directive=\${answers[-1]#:}
  unset 'answers[-1]'
  (( directive & 2 )) && compopt -o nospace
  if (( \${#answers[@]} == 0 )); then
    (( directive & 4 )) && return
    compopt -o filenames
    (( directive & 16 )) && mapfile -t COMPREPLY < <(compgen -d -- "$2")
    (( directive & 16 )) || mapfile -t COMPREPLY < <(compgen -f -- "$2")
    return
  fi
  prefix=\${current%"\${current##*[=:]}"}
  COMPREPLY=("\${answers[@]%%$'\\t'*}")
  [[ -n $prefix ]] && COMPREPLY=("\${COMPREPLY[@]#"$prefix"}")
}
complete -o nosort -F _PROGRAM PROGRAM 2>/dev/null || complete -F _PROGRAM PROGRAM
`;

export default completionCommand('bash', script, 'source <(davit completion bash)');
