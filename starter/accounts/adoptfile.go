package accounts

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"

	"gatehouse/internal/census"
	"gatehouse/starter/cmdline"
)

// What a row of the decisions' CSV says: what somebody decides, as the words of starter account take it, and what was found.
var (
	decisionColumns = []string{"decision", "account", "person", "use", "kind", "owner", "purpose", "ends", "reason"}
	foundColumns    = []string{"section", "tie", "why", "also", "status", "last_sign_in", "roles", "privileged", "username", "name"}
)

// writeAdoptionCSV writes every row of a report, ready for decisions. Suggest fills in those that most would make.
func writeAdoptionCSV(out io.Writer, r *census.Report, suggest bool) error {
	w := csv.NewWriter(out)
	if err := w.Write(slices.Concat(decisionColumns, foundColumns)); err != nil {
		return err
	}
	for _, s := range r.Sections {
		for _, row := range s.Rows {
			person, owner := row.Person, ""
			if s.Name == census.SectionService {
				// Whoever it is named after is the first to ask.
				person, owner = "", row.Person
			}
			decision, reason := "", ""
			if suggest && row.Suggest != "" {
				decision, reason = row.Suggest, "suggested: name and work address agree"
			}
			cells := []string{
				decision, row.Account, person, "", string(row.Kind), owner, "", "", reason,
				s.Name, string(row.Tie), row.Why, strings.Join(row.Also, " "), row.Status, row.LastSignIn, strings.Join(row.Roles, "; "),
				strconv.FormatBool(row.Privileged), row.Username, row.Name,
			}
			for i, cell := range cells {
				cells[i] = cmdline.Harmless(cell)
			}
			if err := w.Write(cells); err != nil {
				return err
			}
		}
	}
	w.Flush()
	return w.Error()
}

//go:embed adopt.html
var adoptPage string

// writeAdoptionHTML writes a report as one page that loads nothing from anywhere.
func writeAdoptionHTML(out io.Writer, r *census.Report) error {
	page, err := template.New("adopt").Funcs(template.FuncMap{
		"join": func(list []string) string { return strings.Join(list, ", ") },
		"at":   func() string { return r.At.UTC().Format("2006-01-02 15:04 MST") },
	}).Parse(adoptPage)
	if err != nil {
		return fmt.Errorf("prepare the page: %w", err)
	}
	return page.Execute(out, r)
}
