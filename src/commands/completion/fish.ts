import { completionCommand } from './script.ts';

const script = `# Completion of PROGRAM for fish: put it into ~/.config/fish/completions/PROGRAM.fish
function __PROGRAM_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l answers ($words[1] __complete $words[2..-1] 2>/dev/null)
  test (count $answers) -gt 0; or return
  set -l directive (string replace ':' '' -- $answers[-1])
  set -e answers[-1]
  if test (count $answers) -eq 0
    test (math "bitand($directive, 4)") -ne 0; and return
    __fish_complete_path (commandline -ct)
    return
  end
  printf '%s\\n' $answers
end
complete -c PROGRAM -e
complete -c PROGRAM -k -f -a '(__PROGRAM_complete)'
`;

export default completionCommand('fish', script, 'davit completion fish | source');
