package accounts

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"io"

	"github.com/spf13/cobra"

	"gatehouse/internal/census"
	"gatehouse/starter/cmdline"
)

// writeAdoptionJSON writes a report as printJSON would, without personal data and a row at a time: that of a hundred thousand
// accounts takes more memory as one text than all that it was made of.
func writeAdoptionJSON(out io.Writer, r *census.Report) error {
	s := jsonStream{w: bufio.NewWriter(out)}
	head := *r
	head.Sections = nil
	s.around(head, "", "sections", func() {
		for i, section := range r.Sections {
			rows := section.Rows
			section.Rows = nil
			s.next(i, "    ")
			s.around(section, "    ", "rows", func() {
				for k, row := range rows {
					row.Username, row.Name = "", ""
					s.next(k, "        ")
					s.put(s.text(row, "        "))
				}
				s.end(len(rows), "      ")
			})
		}
		s.end(len(r.Sections), "  ")
	})
	s.put([]byte("\n"))
	return cmp.Or(s.err, s.w.Flush())
}

// jsonStream writes JSON by its parts. An error is kept, and nothing is written after it.
type jsonStream struct {
	w   *bufio.Writer
	err error
}

func (s *jsonStream) put(text []byte) {
	if s.err == nil {
		_, s.err = s.w.Write(text)
	}
}

// text is a value as it stands so far from the left.
func (s *jsonStream) text(value any, indent string) []byte {
	text, err := json.MarshalIndent(value, indent, "  ")
	s.err = cmp.Or(s.err, err)
	return text
}

// around writes an object, and in it a list that is nil there and is written by itself.
func (s *jsonStream) around(object any, indent, list string, write func()) {
	before, after, _ := bytes.Cut(s.text(object, indent), []byte(`"`+list+`": null`))
	s.put(before)
	s.put([]byte(`"` + list + `": [`))
	write()
	s.put(after)
}

// next begins an element of a list on a line of its own, and end ends a list of so many.
func (s *jsonStream) next(i int, indent string) {
	if i > 0 {
		s.put([]byte(","))
	}
	s.put([]byte("\n" + indent))
}

func (s *jsonStream) end(elements int, indent string) {
	if elements > 0 {
		s.put([]byte("\n" + indent))
	}
	s.put([]byte("]"))
}

// collectAdoption gives the rows of a report, or of one section, to what is printed as CSV: what the terminal shows of them.
func collectAdoption(cmd *cobra.Command, r *census.Report, section string) {
	t := cmdline.NewSheet(cmd, "accounts", "section", "account", "person", "status", "kind", "privileged", "last_sign_in", "roles", "why", "also")
	for _, s := range r.Sections {
		if section != "" && s.Name != section {
			continue
		}
		for _, row := range s.Rows {
			t.Add(s.Name, row.Account, row.Person, row.Status, string(row.Kind), row.Privileged, row.LastSignIn, row.Roles, row.Why, row.Also)
		}
	}
	t.Render()
}
