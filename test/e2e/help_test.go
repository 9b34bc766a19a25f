package e2e

import (
	"strconv"
	"strings"

	"gatehouse/ledger/journal"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func filter(all []string, part string) []string {
	var out []string
	for _, s := range all {
		if strings.Contains(s, part) {
			out = append(out, s)
		}
	}
	return out
}

func evidenceOf(all []journal.Evidence, step string) journal.Evidence {
	for _, e := range all {
		if e.Step == step {
			return e
		}
	}
	return journal.Evidence{}
}
