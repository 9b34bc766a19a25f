package orders

import (
	"strings"

	"gatehouse/ledger/mfa"
	"gatehouse/starter/cmdline"
)

// mfaCounted is how many have a second factor, as a program reads it.
type mfaCounted struct {
	Active  int `json:"active"`
	Some    int `json:"some"`
	None    int `json:"none"`
	Exempt  int `json:"exempt"`
	Unknown int `json:"unknown"`
}

func mfaCounts(c mfa.Counts) mfaCounted {
	return mfaCounted{Active: c.Active, Some: c.Some, None: c.None, Exempt: c.Exempt, Unknown: c.Unknown}
}

// mfaLine is how an account stands with second factors, as a program reads it.
type mfaLine struct {
	Account   int64  `json:"account"`
	Active    bool   `json:"active"`
	Factor    string `json:"factor"`
	Source    string `json:"source"`
	Checked   string `json:"checked"`
	Stage     string `json:"stage"`
	Clock     int    `json:"clock"`
	Reminders int    `json:"reminders"`
	Row       int    `json:"row"`
	Since     string `json:"since"`
	Extended  string `json:"extended"`
	Exempt    string `json:"exempt"`
	Deadline  string `json:"deadline"`
	// Uncounted are factors that do not count, where none does, and Weak all kinds that do not. Kind is of what is no person's own.
	Uncounted string `json:"uncounted"`
	Weak      string `json:"weak"`
	Kind      string `json:"kind"`
}

func mfaLines(all []mfa.State) []mfaLine {
	out := make([]mfaLine, 0, len(all))
	for _, s := range all {
		out = append(out, mfaLine{
			Account: s.AccountID, Active: s.Active, Factor: string(s.Factor), Source: s.Source, Checked: cmdline.Stamp(s.CheckedAt), Stage: s.Stage,
			Clock: s.Clock, Reminders: s.Reminders, Row: s.Row, Since: cmdline.Stamp(s.Since), Extended: cmdline.Stamp(s.ExtendedUntil),
			Exempt: cmdline.Stamp(s.ExemptUntil), Deadline: cmdline.Stamp(s.Deadline),
			Uncounted: uncounted(s), Weak: strings.Join(s.Weak, ", "), Kind: s.Kind,
		})
	}
	return out
}

// uncounted are the factors of somebody of whose factors none counts.
func uncounted(s mfa.State) string {
	if len(s.Weak) == 0 {
		return ""
	}
	return strings.Join(s.Kinds.Named(), ", ")
}
