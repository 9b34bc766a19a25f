package policy

import (
	"bytes"

	"gatehouse/internal/yamlfile"
)

// endMark is the last line of every policy file. A file that was cut off, at whatever byte, does not have it: most of the
// beginnings of a policy are themselves valid YAML, and without their last sections they would protect nobody.
const endMark = "end: policy"

// checkWhole reports a text whose last line is not the end mark. Blank lines may follow it; a line break has to.
func checkWhole(r *yamlfile.Reader, data []byte) {
	if at := bytes.IndexByte(data, 0); at >= 0 {
		r.FailAt(1+bytes.Count(data[:at], []byte("\n")), 1, "the file has a NUL byte in it, as after a crash while it was written: write it again")
	}
	text := bytes.TrimRight(data, " \t\r\n")
	last := text[bytes.LastIndexByte(text, '\n')+1:]
	if string(last) == endMark && bytes.IndexByte(data[len(text):], '\n') >= 0 {
		return
	}
	r.FailAt(1+bytes.Count(text, []byte("\n")), 1, "the last line is not `%s` with a line break after it: the file may be cut off. "+
		"Policy files of earlier versions do not have this line: add it if the file is whole", endMark)
}

// readEnd reads the end mark as the key that it is in YAML, so that it cannot be inside of something else.
func (p *Policy) readEnd(root yamlfile.Section) {
	root.Reader.NoteRequired("", "end")
	root.Reader.NoteChoices("end", []string{"policy"})
	if w, ok := root.Text("end"); ok && w.Text != "policy" {
		root.Fail(w.Node, "end: unknown value %q: the last line of a policy is `%s`", w.Text, endMark)
	}
}
