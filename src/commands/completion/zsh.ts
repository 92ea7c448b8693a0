import { completionCommand } from './script.ts';

const script = `#compdef PROGRAM
# Completion of PROGRAM for zsh: put it into a folder of $fpath as _PROGRAM, or source it after compinit
_PROGRAM() {
  local -a answers names
  local answer name directive
  local -a space
  answers=("\${(@f)$(\${(Q)words[1]} __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  directive=\${answers[-1]#:}
  [[ $directive == <-> ]] || return 1
  answers=("\${(@)answers[1,-2]}")
  (( directive & 2 )) && space=(-S '')
  if (( \${#answers} == 0 )); then
    (( directive & 4 )) && return 1
    if (( directive & 16 )); then _files -/; else _files; fi
    return
  fi
  for answer in "\${answers[@]}"; do
    name=\${answer%%$'\\t'*}
    if [[ $answer == *$'\\t'* ]]; then
      names+=("\${name//:/\\\\:}:\${answer#*$'\\t'}")
    else
      names+=("\${name//:/\\\\:}")
    fi
  done
  _describe -V PROGRAM names "\${space[@]}"
}
compdef _PROGRAM PROGRAM
`;

export default completionCommand('zsh', script, 'source <(davit completion zsh)');
