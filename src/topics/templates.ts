import type { Topic } from './topic.ts';

const topic: Topic = {
  summary: 'How --format shapes output',
  sections: [
    {
      heading: 'What --format takes',
      entries: [
        ['table', 'The usual table.'],
        ["table '{{.Names}}\\t{{.Status}}'", 'A table of these columns, with headings.'],
        ['json', 'JSON: one object a line in lists, all of it in inspect.'],
        ['yaml', 'YAML.'],
        ['anything else', 'A Go template, which is run for every object.'],
      ],
    },
    {
      heading: 'Templates',
      text: [
        'Between {{ and }} stands what is computed; all else is printed as it is, with \\t and \\n for tabs and line ' +
          'ends. {{- and -}} take the white space beside them away.',
      ],
      entries: [
        ['{{.Name}}, {{.State.Status}}', 'A field, a field of a field.'],
        ['{{$x := .Name}}{{$x}}', 'A variable.'],
        ['{{if .X}} … {{else if .Y}} … {{else}} … {{end}}', 'One or the other.'],
        ['{{range .Mounts}} … {{else}} … {{end}}', 'For each; {{break}} and {{continue}} work in it.'],
        ['{{range $key, $value := .Labels}} … {{end}}', 'For each, with its key.'],
        ['{{with .X}} … {{else}} … {{end}}', 'With that in place of the dot, when it is not empty.'],
        ['{{define "t"}} … {{end}} {{template "t" .}}', 'A part that is used more than once.'],
        ['{{block "t" .}} … {{end}}', 'The same, used at once.'],
        ['{{/* … */}}', 'A comment.'],
      ],
    },
    {
      heading: 'Functions',
      text: ['{{.Name | upper | printf "%-20s"}} hands on what stands before | as the last argument.'],
      entries: [
        ['json', 'As JSON.'],
        ['split, join', 'A text into a list at a separator, and back: {{join .Args " "}}.'],
        ['lower, upper, title', 'Letters in lower or upper case, or the first of each word.'],
        ['pad, truncate', 'Spaces before and after: {{pad .Name 1 2}}; the first bytes: {{truncate .ID 8}}.'],
        ['print, println, printf', "As Go's, printf with its verbs."],
        ['index, slice, len', 'Of lists, maps and texts: {{index .Config.Labels "com.example"}}.'],
        ['eq, ne, lt, le, gt, ge', 'Comparisons: {{eq .State "running" "paused"}}.'],
        ['and, or, not', 'Logic.'],
        ['html, js, urlquery', 'Escaped for HTML, JavaScript or a URL.'],
        ['call', 'Calls a function; docker’s objects hold none.'],
      ],
    },
    {
      heading: 'Defaults',
      text: ['psFormat, imagesFormat and others of config.json are used where --format is not given.'],
    },
  ],
};

export default topic;
